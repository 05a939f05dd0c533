# This host's wall clock jumps by 400 days ahead, ten years back, an hour, a minute, while the program runs and before it starts. The servers'
# time decides: no gap, no mark beyond their now, nothing missing, no burst of requests. With a clock that is behind, rows come as much later
# (which is said); with one that is ahead they go on arriving. Files of a day are never written over, whatever day the clock says it is.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
# shellcheck source=tests/story/lib_lies.sh disable=SC2154
. "$here/lib_lies.sh"
sim --now 2026-11-23T08:00:00 --clock-rate 1200 --subscribed --records 400 --days 0.5 --rate 0.01 --graph-rows 900 --graph-ahead 0.7 \
    --graph-late 0 --graph-change 0
simulated_time
clock_off 0
INTERVAL=60s graph_conf "audit.general, audit.exchange, signin.interactive" "{interval: 60s, idle_interval: 60s}"
run
whole() { complete && graph_whole; }
must "the day before arrives" until_true 30 whole
asked() { report | jq '[.requests | .content, .signIns, .token | .n // 0] | add'; }
DAY=86400
an_hour() {	# an_hour WHAT: passes, with records, and marks stay behind the servers' now
	local until n before
	before=$(report | jq .bulk.matched) n=$(asked)
	until=$(date -ud "$(sim_now | cut -c1-19)Z + 60 minutes" +%Y-%m-%dT%H:%M:%S)
	must "an hour with a clock $1 passes" until_true 30 eval "[[ \$(sim_now) > $until ]]"
	more() { [ "$(report | jq .bulk.matched)" -gt "$before" ]; }
	[[ $1 == -* ]] || must "$1: records arrive" until_true 20 more
	must "$1: no gap" no_gaps
	must "$1: no dead letter" test "$(ask dead list --json | jq -s '[.[] | select(.output != "-")] | length')" = 0
	n=$(($(asked) - n))
	must "$1: $n requests" test "$n" -le 900
	ask status --json >"$W/status.json"
	must "$1: no mark is ahead of the servers" jq -e --arg now "$(sim_now)" '[.sources[].listed_to // empty] | length > 0 and all(. <= $now)' "$W/status.json" >/dev/null
}
for off in $((400 * DAY)) $((-3650 * DAY)) 3600 -3600 61 0; do
	clock_off "$off"
	an_hour "$off s off"
done
for off in $((-3650 * DAY)) $((400 * DAY)); do
	clock_off 0
	stop KILL
	clock_off "$off"
	run
	an_hour "$off s off from the start"
done
must "the skew is said" grep -q 'clock' "$W/log"
clock_off 0
curl -sf -X POST "$SIM/sim/rate?rate=0" >/dev/null
must "with a clock that is right everything is there, once" until_true 60 whole
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "no gap" no_gaps
