# A week of all four kinds of sign-ins: 5 % of the rows up to 20 h late, 3 % changing after they were first seen, 1 % twins, pages whose
# borders shift, random 429 and 504. Every row and every revision is delivered exactly once.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
rate=${RATE:-3000} from=2026-11-02T00:00:00 days=7
sim --now "$from" --clock-rate "$rate" --records 0 --days 1 --graph-rows "${ROWS:-20000}" --graph-ahead $days \
    --graph-late 5 --graph-late-hours 20 --graph-change 3 --graph-change-hours 40 --graph-twins 1 --graph-odd 2 --graph-page 100 \
    --fault graph-429:2 --fault graph-504:2 --fault graph-shift --fault graph-reshuffle:30 --fault graph-empty-page:3 \
    --fault graph-small-page:10 --fault graph-skiptoken:2
simulated_time
graph_conf "$SIGNINS"
run
# The last row's last change is seen by the look that trails by 72 h.
over=$(date -ud "$from Z + $((days * 24 + 76)) hours" +%Y-%m-%dT%H:%M:%S)
week_over() { [[ $(sim_now) > $over ]]; }
must "the week passes" until_true 900 week_over
must "every row and every revision is there, once" until_true 120 graph_whole
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "all that was planned appeared" jq -e '.graph.feeds | to_entries | map(select(.key | startswith("signin."))) |
    all(.value.rows == .value.planned and .value.asked)' "$W/report.json" >/dev/null
must "no gap" no_gaps
jq -r '.graph | "    the week took \(.usage.seconds / '"$rate"' | floor) s; requests \(.usage.requests), 429 \(.usage.throttled), most in 10 s \(.usage.most_in_10s)"' "$W/report.json"
graph_tells
