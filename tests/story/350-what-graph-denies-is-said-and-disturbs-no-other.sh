# short
# An unlicensed tenant and missing permissions: the feeds say exactly what to grant, are looked at again slowly, the others go on;
# once it is granted everything arrives.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
sim --now 2026-11-23T08:00:00 --clock-rate 240 --records 0 --graph-rows 1500 --days 1 --graph-late 0 --graph-change 0 --fault graph-no-p1 \
    --graph-roles AuditLog.Read.All,SecurityIncident.Read.All
simulated_time
graph_conf "$SIGNINS, $DIRECTORY, $SECURITY"
run
feed() { ask status --json >"$W/status.json"; jq -c --arg f "$1" '[.. | objects | select(.feed? == $f)][0]' "$W/status.json"; }
is_feed() { [[ $(feed "$1" | jq -r .state) == "$2" ]] && { [ -z "${3:-}" ] || [[ $(feed "$1" | jq -r '.why // .reason // .error') == *"$3"* ]]; }; }
arrived() { curl -sf "$SIM/sim/report" | jq -e --arg f "$1" '.graph.bulk.feeds[$f] | .due > 0 and .missing == 0' >/dev/null; }
for f in ${SIGNINS//,/}; do
	must "$f names the licence" until_true 30 is_feed "$f" denied "Entra ID P1 or P2"
done
must "risk.user names its permission" until_true 30 is_feed risk.user denied IdentityRiskEvent.Read.All
must "alerts name theirs" until_true 30 is_feed alerts denied SecurityAlert.Read.All
must "directory audits arrive" until_true 30 arrived directory.audit
must "incidents arrive" until_true 30 arrived incidents
denied=$(curl -sf "$SIM/sim/report" | jq '.requests.signIns."4xx"')
hours=$((($(date -ud "$(sim_now)" +%s) - $(date -ud 2026-11-23T08:00:00Z +%s)) / 3600 + 1))
must "four feeds are asked slowly: after 15 and 30 minutes, then every hour" test "$denied" -le $((4 * (3 + hours)))
roles AuditLog.Read.All,IdentityRiskEvent.Read.All,IdentityRiskyServicePrincipal.Read.All,SecurityAlert.Read.All,SecurityIncident.Read.All
clear_fault all
all_whole() { graph_whole && jq -e '[.graph.feeds[].asked] | all' "$W/report.json" >/dev/null; }
must "once granted, everything arrives" until_true 120 all_whole
stop
must "no gap" no_gaps
graph_tells
