# Answers that trickle, stall behind their head, in their body or before a word of it, and packets that are swallowed, upstream and at a
# destination, all at once: a connection is given up after 10 s, a transfer after 30, as in service. Until then another feed, another tenant
# and another output go on; each is said and counted, no mark moves; and when it is over everything arrives once, without a restart.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
# shellcheck source=tests/story/lib_lies.sh disable=SC2154
. "$here/lib_lies.sh"
other_tenant 60
sim --now 2026-11-23T08:00:00 --clock-rate 60 --subscribed --records 300 --blob-size 3 --days 0.5 --graph-rows 200 --graph-late 0 --graph-change 0
trap 'kill $OTHER_PID; front_down; end_story' EXIT
simulated_time
door
perl "$here/swallow.pl" "$FRONT" "$W/swallows" & FRONT_PID=$!
must "packets are swallowed" until_true 5 test -e "$W/swallows"
GRAPH=http://localhost:$FRONT BULK=http://127.0.0.1:$FRONT INTERVAL=60s
FEEDS="audit.exchange, audit.sharepoint, audit.entra, audit.general, audit.dlp, signin.interactive" conf
other_joins

HEAD='HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n'
blob_of() { curl -sf "$SIM/sim/blobs" | jq -r --arg t "$1" '[.[] | select(.contentType == $t)][0].contentId'; }
says contentType=Audit.General "times=1&slow=10" "$HEAD$(printf '%4000s' '[')"
says contentType=Audit.Exchange "times=1&end=hold" "$HEAD"
says "$(blob_of Audit.SharePoint)" "times=1&end=hold" "$HEAD"'[{"Id":"'
says "$(blob_of Audit.AzureActiveDirectory)" "times=1&end=hold" ''
run
must "all four are under way" until_true 5 told 4
is_over() { [ "$(counter "$1")" -gt "$2" ]; }
dlp=$(counter 'spool_stored_total{contoso,audit.dlp}') filed=$(counter 'dest_events_total{archive,delivered}') theirs=$(others)
more 20 DLP.All
must "another feed goes on" until_true 5 is_over 'spool_stored_total{contoso,audit.dlp}' "$dlp"
must "another output goes on" until_true 5 is_over 'dest_events_total{archive,delivered}' "$filed"
must "the other tenant goes on" until_true 5 others_more "$theirs"
must "while none of the four has been given up" eval '! grep -q "bytes a second" "$W/log"'
must "and nothing came through the wall" jq -e '.bulk.requests == 0 and .requests.signIns == null' <<<"$(report)" >/dev/null

logged() { grep -q -- " $1: .*$2: .*$3" "$W/log"; }	# logged WHERE KIND REASON
must "swallowed upstream: said" until_true 10 logged contoso/signin.interactive connect 'after 10 s: Timeout was reached'
must "... in the status, too" feed_says signin.interactive Timeout
must "swallowed at the destination: said" until_true 10 logged elastic pause "127.0.0.1:$FRONT: Connection timed out after 10 s"
must "... in the status, too" has_why elastic 'timed out after 10 s'
must "no mark moved" test "$(listed_to audit.general) $(listed_to audit.exchange)" = "null null"
given_up() { logged "$@" timeout 'under 1000 bytes a second for 30 s'; }
must "a listing that trickles: said" until_true 25 given_up contoso/audit.general
must "one that stalls behind its head: said" until_true 5 given_up contoso/audit.exchange
must "a blob that stalls in its body: said" until_true 5 given_up contoso/audit.sharepoint
must "one that never begins: said" until_true 5 given_up contoso/audit.entra
must "listings are counted" test "$(counter 'source_requests_total{contoso,list,timeout}')" = 2
must "blobs are counted" test "$(counter 'source_requests_total{contoso,blob,timeout}')" = 2
must "what was swallowed is counted" eval 'is_over "source_requests_total{contoso,graph,connect}" 0 && is_over "dest_requests_total{elastic,connect}" 0'

front_down
perl "$here/relay.pl" "$FRONT" "${SIM##*:}" & FRONT_PID=$!
must "then everything arrives, once" until_true 20 eval 'arrived && graph_complete'
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "no gap" no_gaps
must "no dead letter" no_dead
must "no secret was logged" tells_nothing
