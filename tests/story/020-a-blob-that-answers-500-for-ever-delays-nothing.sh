# The others and new ones arrive, and the listing goes on.
sim --records 1000 --rate 20 --live-seconds 15 --fault blob-500-forever:3 --fault blob-500-forever:17
conf
run
others() {	# all but what lies in the two blobs, which the oracle does not expect
	report >"$W/report.json" && jq -e '.listed.records >= 1290 and .bulk.missing == 0 and .bulk.lost_expected > 0 and
	    .files.missing == 0 and .files.twice == 0 and .bulk.created_twice == 0' "$W/report.json"
}
must "everything else arrives" until_true 45 others >/dev/null
ask status --json >"$W/status.json"
must "the two wait in the ledger" jq -e '[(.store // .).feeds[].listed] | add == 2' "$W/status.json" >/dev/null
marks() { jq -r '[.sources[].listed_to] | min' <<<"$(ask status --json)"; }
before=$(marks)
went_on() { [[ $(marks) > $before ]]; }
must "every feed's listing mark goes on" until_true 15 went_on
clear_fault all
arrived() { complete && jq -e '.bulk.lost_expected == 0' "$W/report.json" >/dev/null; }
must "when they are mended they arrive too" until_true 180 arrived
must "no gap was claimed" test -z "$(ask gaps --json)"
stop TERM
must "SIGTERM ends it with 0" test "$RC" = 0
must "the tallies agree" tallies
