# K04 (b): the page that contains a certain second always has an unclosed brace. The window is halved until that second stands alone;
# the rest is delivered, and a gap record names the second.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
sim --now 2026-11-23T08:00:00 --clock-rate 240 --records 0 --days 0.5 --graph-rows 3000 --graph-late 0 --graph-change 0 --graph-odd 0 --seed 4
simulated_time
# The second of some row in the middle.
curl -sf -X POST "$SIM/contoso.example/oauth2/v2.0/token" -d grant_type=client_credentials -d client_id=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee \
    --data-urlencode 'client_secret=sim-secret~1' -d "scope=$SIM/.default" | jq -r .access_token >"$W/token"
bad=$(curl -sfg -H "Authorization: Bearer $(cat "$W/token")" "$SIM/beta/auditLogs/signIns?\$top=100" | jq -r '.value[60].createdDateTime' | cut -c1-19)
fault "graph-broken-second:$(date -ud "${bad}Z" +%s)"
graph_conf "$SIGNINS"
run
must "everything else arrives" until_true 90 graph_whole
gap_named() { ask gaps --json | jq -se --arg t "$bad" 'any(.feed == "signin.interactive" and (.from[0:19] == $t) and .reason == "page-unreadable")' >/dev/null; }
must "a gap names the second" until_true 90 gap_named
must "and it is the only one" test "$(ask gaps --json | wc -l)" = 1
must "in a few dozen requests" test "$(fault_hits_of graph-broken-second)" -le 100
stop
must "SIGTERM ends it with 0" test "$RC" = 0
graph_tells
