# The Bulk sink is down while the file output is complete; then it catches up.
sim --records 3000 --fault bulk-503
conf
run
files_complete() { report >"$W/report.json" && jq -e '.files.missing == 0 and .files.twice == 0 and .bulk.documents == 0 and .listed.records >= 3000' "$W/report.json" >/dev/null; }
must "the files are complete" until_true 30 files_complete
sleep "$DEAD_SECONDS"
must "the output says that it backs off" jq -e '.outputs[] | select(.name == "elastic") | .state | test("back")' <<<"$(ask status --json)" >/dev/null
clear_fault all
must "it catches up" until_true 90 complete
must "the tallies agree" until_true 10 tallies
stop
