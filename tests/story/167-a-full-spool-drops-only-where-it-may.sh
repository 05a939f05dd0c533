# short. The cluster is dead and its output says on_full: drop_oldest: the spool fills, its oldest records go, with gap records that
# name it, and the file output gets every record meanwhile.
sim --records 9000 --fault bulk-503
BULK_MORE=', on_full: drop_oldest'
SPOOL='max: 4MiB, reserve: 0MiB'
conf
run
files_complete() { report >"$W/report.json" && jq -e '.files.missing == 0 and .files.twice == 0 and .listed.records >= 9000' "$W/report.json" >/dev/null; }
must "the files are complete, whatever the cluster does" until_true 90 files_complete
must "80 % was said" grep -q 'spool-filling' "$W/log"
must "that records were dropped was said" grep -q 'spool-dropped: elastic' "$W/log"
gaps=$(ask gaps --json | jq -c 'select(.reason == "spool-full")')
must "the gaps name the output that dropped, and no other" test "$(jq -r .output <<<"$gaps" | sort -u)" = elastic
said=$(jq -r .detail <<<"$gaps" | sed 's/.*records=//' | jq -s add)
clear_fault all
settled() { ask status --json >"$W/status.json" && jq -e '.store.spool.records == 0' "$W/status.json" >/dev/null; }
must "the rest arrives" until_true 120 settled
stored=$(jq '.store.tallies.stored' "$W/status.json")
delivered=$(jq '.store.tallies["delivered:elastic"]' "$W/status.json")
must "what is missing is what the gaps say: $stored - $delivered = $said" test $((stored - delivered)) = "$said"
must "the counter says so too" test "$(jq '[.counters | to_entries[] | select(.key | startswith("dest_events_total{elastic,dropped")) | .value] | add' "$W/status.json")" = "$said"
must "the tallies agree" tallies
stop
