# short. A fault in the mapping: one record kills the worker with SIGSEGV, another with SIGABRT. Each kills twice and is then a
# dead letter of the output that maps, and of that one alone; all others arrive.
n=0
for what in segv abrt; do
	printf '{"Id":"cccccccc-0000-4000-8000-%012d","RecordType":2,"CreationTime":"2026-11-23T10:00:00","Operation":"New","Workload":"Exchange","x":"m365fwd-dies-of:%s"}\n' "$((++n))" "$what"
done >"$W/deadly.ndjson"
sim --records 400 --events "$W/deadly.ndjson"
conf
sound=$M365FWD
M365FWD=$(dirname "$sound")/tests/kit/m365fwd-crash
ulimit -c 0
ends=
for _ in 1 2 3 4 5 6 7 8; do
	RC=0
	"$M365FWD" run --once -c "$W/c.yaml" >>"$W/log" 2>&1 || RC=$?
	ends="$ends $RC"
	[ "$RC" -gt 128 ] || break
done 2>/dev/null
must "it died four times and then came through, not:$ends" test "$(wc -w <<<"$ends") $RC" = '5 0'
must "two died of SIGSEGV, two of SIGABRT" test "$(grep -o 139 <<<"$ends" | wc -l) $(grep -o 134 <<<"$ends" | wc -l)" = '2 2'
must "both are dead letters, of the output that maps" test "$(ask dead list --json | jq -r 'select(.output == "elastic" and
    (.record_id | startswith("cccccccc"))) | .reason' | grep -c '^poison: m365fwd died of SIG')" = 2
only_those() { report >"$W/report.json" && jq -e '.bulk.missing == 2 and .bulk.created_twice == 0 and .files.missing == 0 and .files.twice == 0' "$W/report.json" >/dev/null; }
must "all others arrived" only_those
must "no record is in the log" test -z "$(grep 'dies-of' "$W/log")"
M365FWD=$sound
