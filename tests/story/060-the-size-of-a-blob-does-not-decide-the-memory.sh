# A big blob with two records over the limit in it: dead letters with their Ids, everything else arrives, memory stays flat.
sim --records 200 --big-blob "${BIG:-200}" --big-record 100
conf
run
whole() { report >"$W/report.json" && jq -e '.bulk.missing == 0 and .files.missing == 0 and .files.twice == 0 and .bulk.created_twice == 0 and .listed.records > 1000' "$W/report.json" >/dev/null; }
# The oracle reads all it holds for each report, and serves the blob meanwhile: it is asked when there is something to say.
settled() {
	ask status --json >"$W/status.json" && jq -e ".store | (.feeds | all(.listed == 0) and any(.records > 1000)) and
	    .spool.records == 0" "$W/status.json" >/dev/null
}
must "the blob is read and delivered" until_true 240 settled
must "everything arrives" until_true 60 whole
ask dead list --json >"$W/dead.json"
must "both large records are dead letters with their Id" jq -se 'map(select(.reason | test("^too-large"))) | length == 2 and all(.record_id != "-")' "$W/dead.json" >/dev/null
peak=$(awk '/VmHWM/ { print $2 }' "/proc/$RUN_PID/status")
must "peak memory is under 48 MiB ($peak KiB)" test "$peak" -lt 49152
printf '    %s MiB blob: peak %s KiB, %s documents\n' "${BIG:-200}" "$peak" "$(jq .bulk.documents "$W/report.json")"
stop
