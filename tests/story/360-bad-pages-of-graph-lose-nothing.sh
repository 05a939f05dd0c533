# HTML, malformed and cut pages, chains that end early or go in circles, foreign links, rows dated 400 days ahead, filters that are
# ignored, a host whose clock is 40 minutes off, one way and the other: nothing is lost, no token goes elsewhere.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
sim --now 2026-11-23T08:00:00 --clock-rate "${RATE:-1200}" --records 0 --days 0.5 --graph-rows 4000 --graph-ahead 0.5 --graph-page 50 --graph-odd 10 \
    --graph-late 3 --graph-late-hours 2 --graph-change-hours 8 --trap-port 0
clock_off 2400
simulated_time
graph_conf "$SIGNINS, $DIRECTORY, $SECURITY"
run
hours() { [ "$(usage .seconds | cut -d. -f1)" -ge $(($1 * 3600)) ]; }
for f in graph-html-200:20 graph-html-403:20 graph-malformed:10 graph-truncate:10 graph-reset:10 graph-503-html:10 graph-500:10 \
    graph-empty-page:10 graph-early-end:5 graph-circular-next:5 graph-skiptoken:10 graph-foreign-next:10 graph-ignore-filter:5 graph-504-wide:120 graph-shift; do
	fault "$f"
done
must "four hours with a clock 40 minutes fast" until_true 60 hours 4
clock_off -2400
must "four hours with a clock 40 minutes slow" until_true 60 hours 8
clock_off 0
fault graph-html-200:100
must "an hour of nothing but HTML" until_true 60 hours 9
clear_fault all
# Chains that ended early are made good by the look that trails by 24 h.
must "37 hours pass" until_true 300 hours 38
must "everything is there, once" until_true 60 graph_whole
stop
must "no token went to another host" jq -e '.token_leaks == 0' "$W/report.json" >/dev/null
must "foreign links were refused" grep -q 'url-refused' "$W/log"
must "no gap" no_gaps
graph_tells
