# Pages that go from A to B and back, pages without an end, redirects: the listing ends, no mark moves, few requests, and then all arrives.
# The next page's header is found in any case and by its other name, behind empty pages too. A window that the service calls too old is
# asked later, and what lies before it is a gap.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
# shellcheck source=tests/story/lib_lies.sh disable=SC2154
. "$here/lib_lies.sh"
sim --now 2026-11-23T08:00:00 --clock-rate 1200 --subscribed --records 300 --blob-size 2 --page-size 8 --days 0.5 --graph-rows 600 --graph-page 50 \
    --graph-late 0 --graph-change 0 --trap-port 0
simulated_time
INTERVAL=60s graph_conf "audit.general, audit.exchange, signin.interactive" "{interval: 60s, idle_interval: 60s}"
whole() { complete && graph_whole; }
base="$SIM/api/v1.0/$TENANT/activity/feed/subscriptions/content?contentType=Audit.General"
page() { answer 200 application/json "$1: $base&nextPage=$2\r\n" '[]'; }

# Empty pages that go on, under both names of the header, in any case, to the sound end.
says nextPage=one times=1 "$(page nextpageurl two)"
says nextPage=two times=1 "$(page NEXTPAGEURI three)"
says nextPage=three times=1 "$(answer 200 application/json '' '[]')"
says Audit.General times=1 "$(page NextPageUrl one)"
run
must "empty pages are followed under each name" until_true 20 told 4
must "everything arrives" until_true 30 whole

# lie FEED MOST WHAT: an hour of it, under MOST requests, and that feed's mark did not move (any: a window of one page is sound)
lie() {
	local before n until
	sleep 0.2
	before=$(listed_to "$1") n=$(asked)
	until=$(date -ud "$(sim_now | cut -c1-19)Z + 60 minutes" +%Y-%m-%dT%H:%M:%S)
	must "an hour of $3 passes" until_true 20 eval "[[ \$(sim_now) > $until ]]"
	n=$(($(asked) - n))
	must "$3: $n requests in an hour" test "$n" -le "$2"
	[ "$1" = any ] || must "$3: no mark moved" test "$(listed_to "$1")" = "$before"
	says_no_more
	clear_fault all
	must "$3: then everything arrives" until_true 60 whole
}
asked() { report | jq '[.requests | .content, .signIns, .scripted | .n // 0] | add'; }

says nextPage=A times=-1 "$(page NextPageUri B)"
says nextPage=B times=-1 "$(page NextPageUri A)"
says Audit.General times=-1 "$(page NextPageUri A)"
lie audit.general 400 "pages from A to B and back"
must "it was said" grep -q 'pages go in a circle' "$W/log"

fault circular-nextpage
fault graph-circular-next
lie any 400 "pages that name themselves"

fault endless-pages
lie audit.general 20000 "pages without an end"
must "it was said" grep -q 'has no end' "$W/log"

graph_page() { answer 200 application/json '' "{\"value\":[],\"@odata.nextLink\":\"$GRAPH/beta/auditLogs/signIns?\$skiptoken=$1\"}"; }
says skiptoken=A times=-1 "$(graph_page B)"
says skiptoken=B times=-1 "$(graph_page A)"
says auditLogs/signIns times=-1 "$(graph_page A)"
lie signin.interactive 600 "nextLinks from A to B and back"

fault redirect
says auditLogs/signIns times=-1 "$(answer 302 text/html "Location: http://127.0.0.1:1/elsewhere\r\n" '')"
lie audit.general 400 "redirects"
must "nobody followed one" jq -e '.trap_requests == 0 and .token_leaks == 0' <<<"$(report)" >/dev/null
must "no gap until here" no_gaps

# The mark is three days old, and the service keeps less than it says.
stop
for code in AF20055 AF20030; do
	curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=5" >/dev/null
	says Audit.General times=2 "$(answer 400 application/json '' "{\"error\":{\"code\":\"$code\",\"message\":\"Start time and end time must both be specified.\"}}")"
done
run
must "a window that is called too old is asked again, later" until_true 60 told "$(($(answered) + 1))"
must "and everything arrives in the end" until_true 60 whole
stop
must "SIGTERM ends it with 0" test "$RC" = 0
