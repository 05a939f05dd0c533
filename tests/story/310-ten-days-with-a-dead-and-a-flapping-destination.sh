# Ten simulated days of audit content and sign-ins: Bulk is down for three of them, HEC comes and goes, the forwarder is killed now and
# then, the host's clock jumps. Nothing is missing, nothing is twice at Bulk and in files; at HEC a second copy only of requests whose
# answer was lost, byte for byte the same. Story 312 is this with other numbers.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
rate=${RATE:-3000} days=${DAYS:-10} nap=${NAP:-1.7} kill_every=${KILL_EVERY:-4}
# No repeats: they would come up to ten days later, and an id is remembered for eight.
sim --now 2026-11-02T00:00:00 --clock-rate "$rate" --records 2000 --days 1 --rate 0.02 --live-seconds $((days * 86400)) --dups 0 --hec-ack-ms "${ACK_MS:-1}" \
    --hec-ack-timeout 3600 --hec-trace "$W/hec.trace" --seed "${SEED:-1}" --graph-rows 6000 --graph-ahead $days --graph-change-hours 20
clock_off 0
simulated_time
INTERVAL=5m ACK_TIMEOUT=1h		# an answer takes milliseconds of the machine: seconds here
GRAPH=http://localhost:${SIM##*:}
FEEDS="audit.exchange, audit.sharepoint, audit.entra, audit.general, audit.dlp, $SIGNINS, directory.audit"
all_sinks
everywhere() {
	report >"$W/report.json" && jq -e '[.bulk, .files, .hec.tokens[], .graph.bulk, .graph.files, .graph.hec[]] | all(.missing == 0 and .due > 0)' \
	    "$W/report.json" >/dev/null
}
# A revision that was read but not yet stored when the forwarder was killed may be gone for good (missing_old); no row ever is.
all_whole() {
	sink_whole elastic && sink_whole splunk && sink_whole archive && sink_whole splunk-acks &&
	    jq -e '.graph | [.bulk, .files, .hec.plain, .hec.acks] | all(.missing == 0 and .unexpected == 0 and .due > 0)' \
	    "$W/report.json" >/dev/null && jq -e '[.graph.bulk, .graph.files] | all(.twice == 0)' "$W/report.json" >/dev/null
}
day() { printf '%d' "$(( ($(date -ud "$(sim_now)" +%s) - $(date -ud 2026-11-02T00:00:00Z +%s)) / 86400 ))"; }
jumps=(0 2400 -2400 90000 0 -7200 3600 0)	# seconds by which the host's clock is wrong, in turn
run
alive() { kill -0 "$RUN_PID" 2>/dev/null; }
kills=0 round=0 down=
while [ "$(day)" -lt $days ]; do
	must "it runs" alive
	[ -z "$FAILED" ] || break
	today=$(day) round=$((round + 1))
	if [ "$today" -ge 2 ] && [ "$today" -lt 5 ]; then
		[ -n "$down" ] || { fault bulk-down; down=1; }
	elif [ -n "$down" ]; then
		clear_fault bulk-down
		down=
	fi
	if [ $((round % 2)) = 0 ]; then fault hec-down; else clear_fault hec-down; fi
	clock_off "${jumps[$((round / 3 % ${#jumps[@]}))]}"
	sleep "$nap"
	if [ $((round % kill_every)) = 0 ]; then
		stop KILL
		curl -sf -X POST "$SIM/sim/sender-died" >/dev/null || fail "sender-died"
		kills=$((kills + 1))
		run
	fi
done
clear_fault all
clock_off 0
must "everything arrives after ten days" until_true 300 everywhere
must "nothing is strange, nothing twice but what HEC's answer was lost for, and that in the same bytes" all_whole
[ -z "$FAILED" ] || grep twice "$W/hec.trace" | grep -v '(lost)' | cut -d ' ' -f 2- | sort | uniq -c | tail -n 20
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "no gap" no_gaps
must "no dead letter but those that must be" test "$(ask dead list --json | jq -s '[.[] | select(.output != "-")] | length')" = 0
jq -r --arg k "$kills" --arg d $days '"    \($d) days, \($k) kills: \(.bulk.documents) documents, missing \(.bulk.missing), twice \(.bulk.created_twice); files missing \(.files.missing), twice \(.files.twice)" +
    "\n    Graph: due \(.graph.bulk.due), missing at Bulk \(.graph.bulk.missing) + \(.graph.bulk.missing_old), files \(.graph.files.missing), HEC \(.graph.hec.plain.missing) and \(.graph.hec.acks.missing)\n    " +
    ([.hec.tokens | to_entries[] | "\(.key): missing \(.value.missing), twice in lost answers \(.value.twice_in_lost_answers), otherwise \(.value.twice_otherwise), changed \(.value.twice_changed)"] | join("; "))' "$W/report.json"
