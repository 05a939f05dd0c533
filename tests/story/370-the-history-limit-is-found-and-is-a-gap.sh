# short
# K01: a filter that reaches further back than the service keeps is 400 "Invalid filter clause". The bound is found in under 20
# requests, what lies before it is one gap, all 40 rows arrive, and a restart does not search again. A 400 that stays is said as such.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
sim --now 2026-11-23T08:00:00 --clock-rate 60 --records 0 --days 6 --graph-rows 200 --graph-late 0 --graph-change 0 --graph-twins 0 --graph-history-days 7
simulated_time
START=30d
graph_conf signin.interactive
run
must "all rows arrive" until_true 60 graph_whole
must "in few requests" jq -e '.requests.signIns.n < 20 + .graph.feeds."signin.interactive".pages' "$W/report.json" >/dev/null
refused=$(jq '.requests.signIns."4xx"' "$W/report.json")
must "of which under 20 were refused" test "$refused" -lt 20
ask gaps --json >"$W/gaps"
must "one gap says from when to when" jq -se 'length == 1 and .[0].feed == "signin.interactive" and (.[0].from | startswith("2026-10-24")) and
    (.[0].to | startswith("2026-11-16"))' "$W/gaps" >/dev/null
must "and why" grep -q 'keep' "$W/gaps"
stop
run
must "it goes on after a restart" until_true 30 asked signin.interactive $(($(jq '.graph.feeds."signin.interactive".requests' "$W/report.json") + 2))
must "and does not search again" test "$(curl -sf "$SIM/sim/report" | jq '.requests.signIns."4xx"')" = "$refused"
fault graph-400:100
feed_says() { ask status --json | jq -r '.. | objects | select(.feed? == "signin.interactive") | .state, (.why // .reason // .error)' | grep -q "$1"; }
must "a 400 that stays is no matter of history" until_true 60 feed_says 'Invalid filter clause'
clear_fault all
stop
must "still one gap" test "$(ask gaps --json | wc -l)" = 1
graph_tells
