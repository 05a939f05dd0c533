# short
# All ten feeds of Microsoft Graph, a day of them, in both outputs; tokens of their own, no token to a foreign host.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
sim --clock-rate 10 --records 50 --graph-rows 3000 --days 1 --trap-port 0 --graph-late 0 --graph-change 0
simulated_time
graph_conf "audit.general, $SIGNINS, $DIRECTORY, $SECURITY"
once 30m
must "run --once ends with 0" test "$RC" = 0
must "every row is in both outputs, once" graph_whole
must "every feed was asked" jq -e '[.graph.feeds[].asked] | all' "$W/report.json" >/dev/null
must "audit content too" complete
must "no token went to another host" jq -e '.token_leaks == 0' "$W/report.json" >/dev/null
must "never more than the service allows" jq -e '.graph.usage.most_in_10s <= 5 and .graph.usage.throttled == 0' "$W/report.json" >/dev/null
graph_tells
