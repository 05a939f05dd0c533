# D8: an id never becomes true, the indexer restarts and its ids begin at 0 again, the load balancer sends polls elsewhere: what is
# not acknowledged goes again, the same bytes. D9: what was never asked for is true, answers to polls are cut, HTML or missing.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
BATCH=60KB
sim --records 400 --hec-ack-ms 200
sinks_conf splunk-acks
acks() { report >"$W/report.json" && jq -e ".hec.tokens.acks | $1" "$W/report.json" >/dev/null; }
fault hec-ack-drop:40		# the worst: 200, an id, and the indexer loses the events
run
must "what an indexer lost after its 200 is sent again" until_true 15 acks '.events > 0'
must "... and was lost" until_true 15 was_hit hec-ack-drop 2
clear_fault hec-ack-drop
must "everything is there" until_true 40 sinks_whole
must "and nothing twice: what was lost is no copy" acks '.twice == 0'
round() {	# round WHAT FAULT: new records under it
	fault "$2"
	more 100 Audit.Exchange
	must "$1: it was met" until_true 15 was_hit "${2%%:*}"
	sleep 1
	clear_fault all
	must "$1: everything arrives" until_true 40 sinks_whole
}
round "an id that stays false" hec-ack-never:60
must "... then there are copies of lost answers, byte for byte" acks '.twice_in_lost_answers > 0 and .twice_changed == 0'
round "answers to polls are cut" hec-ack-cut-reply:100:2
round "a proxy answers the polls" hec-ack-html-200:100:2
round "polls get no answer" hec-ack-reset:100:2
round "polls are refused for the moment" hec-ack-code:9:2
round "strangers are acknowledged" hec-ack-strangers:100
# the indexer restarts while ids are open
fault hec-ack-slow:2
more 150 Audit.SharePoint
must "ids are open" until_true 10 was_hit hec-ack-slow
fault hec-ack-restart
clear_fault hec-ack-slow
must "ids that begin at 0 again deceive nobody" until_true 40 sinks_whole
# three indexers behind a balancer, which forgets its cookies
fault hec-indexers:3
more 100 Audit.General
must "behind a balancer everything arrives" until_true 20 sinks_whole
before=$(jq .hec.tokens.acks.twice "$W/report.json")
must "the cookie is kept: no id was looked for elsewhere" acks ".twice == $before"
more 100 Audit.General
fault hec-new-cookies
must "and after it has forgotten its cookies" until_true 40 sinks_whole
clear_fault all
# a token that gives no ids any more: 200 is all there is
fault hec-ack-missing
more 100 Audit.Exchange
must "without ids 200 is what counts" until_true 20 sinks_whole
must "no dead letter" no_dead
must "no secret and no record was logged" tells_nothing
stop
