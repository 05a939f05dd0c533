# The budget of the reporting service, in the simulator's own figures: never more than 5 requests in 10.5 s, at least 90 % of that used
# while behind, at most a third of it for re-reading while there is fresh work; a flood of one feed starves no other; and a quiet
# tenant with six feeds uses less than a tenth.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
has_all() { curl -sf "$SIM/sim/report" | jq -e --arg f "$1" '.graph.bulk.feeds[$f] | .missing < 30 and .due > 0' >/dev/null; }
caught_up() { curl -sf "$SIM/sim/report" | jq -e '[.graph.bulk.feeds[].missing] | add < 100' >/dev/null; }

# Behind: a day in pages of 100. A simulated second is 200 ms of the machine: what a busy host delays a request by is not much of it.
sim --now 2026-11-23T08:00:00 --clock-rate "${RATE:-5}" --records 0 --days 1 --graph-rows 30000 --graph-ahead 0.05 --graph-page 100 --graph-late 0
simulated_time
graph_conf "$SIGNINS, $DIRECTORY"
run
must "service principals are read to the end" until_true 300 has_all signin.serviceprincipal
curl -sf "$SIM/sim/report" >"$W/half.json"
must "and non-interactive ones had no more turns" jq -e '.graph.feeds | ."signin.noninteractive".requests <= 1.5 *
    ."signin.serviceprincipal".requests' "$W/half.json" >/dev/null
must "everything is read to the end" until_true 300 caught_up
usage '' >"$W/behind.json"
stop
must "never more than 5 in 10.5 s, and no 429" jq -e '.most_in_10_5s <= 5 and .throttled == 0' "$W/behind.json" >/dev/null
must "at least 90 % used while behind" jq -e '.share_behind >= 0.9' "$W/behind.json" >/dev/null
must "at most a third for re-reading meanwhile" jq -e '.again_share_behind <= 1 / 3' "$W/behind.json" >/dev/null
jq -r '"    behind for \(.behind_seconds) s: \(.behind_requests) requests, \(.share_behind * 100 | floor) % of the budget, of these \(.again_share_behind * 100 | floor) % re-reading; most in 10.5 s: \(.most_in_10_5s); 429: \(.throttled)"' "$W/behind.json"
end_story

# Quiet: six hours without a row.
rm -rf "$W/state" "$W/archive"
sim --now 2026-11-23T08:00:00 --clock-rate 600 --records 0 --graph-rows 0
simulated_time
graph_conf "$SIGNINS, $DIRECTORY"
run
must "it began" until_true 20 asked signin.managedidentity 2
six_hours() { [ "$(usage .seconds | cut -d. -f1)" -ge 21600 ]; }
must "six hours pass" until_true 120 six_hours
usage '' >"$W/quiet.json"
stop
must "a quiet tenant uses under a tenth" jq -e '.share < 0.1 and .requests > 100' "$W/quiet.json" >/dev/null
jq -r '"    quiet for \(.seconds) s: \(.requests) requests, \(.share * 1000 | floor / 10) % of the budget"' "$W/quiet.json"
