# SIGTERM under load, a second one while the first is still waiting for a destination, and one while a token is asked for: 0, in time,
# and whatever was under way is neither lost nor doubled.
sim --records 8000 --rate 30 --fault blob-500:5
RPM=20000
conf 'stop_timeout: 4s'
arrived() { report | jq -e ".bulk.documents > ${1:-0}" >/dev/null; }
TOOK=
stops() {	# stops WHY MOST_MS: SIGTERM, and how long it took
	local began
	began=$(date +%s%3N)
	stop
	TOOK=$(($(date +%s%3N) - began))
	must "$1: it ends with 0 within $2 ms, not $RC after $TOOK" test "$RC" = 0 -a $TOOK -le "$2"
}
said() { [ "$(grep -c -- "$1" "$W/log")" = "$2" ]; }

for _ in 1 2 3; do
	before=$(report | jq .bulk.documents)
	run
	must "records arrive" until_true 20 arrived "$before"
	stops "under load" 3000
done
fault bulk-hang:60
seen=$(report | jq .bulk.documents)
run
must "the cluster takes records and does not answer" until_true 20 arrived "$seen"
stops "stop_timeout is waited for and not longer" 6500
must "but it was waited for" test $TOOK -ge 3000
run
must "it has begun" until_true 20 said " started:" 5
must "a request is out" until_true 20 eval 'ask status --json | jq -e ".outputs[] | select(.name == \"elastic\" and .state == \"sending\")" >/dev/null'
kill -TERM "$RUN_PID"
must "the first SIGTERM is heard" until_true 5 said "stopping: SIGTERM" 5
stops "the second one ends it at once" 1500
clear_fault bulk-hang
fault token-slow:30
run
must "it has begun" until_true 20 said " started:" 6
stops "a token that does not come holds up nothing" 3000
clear_fault all
curl -sf -o /dev/null -X POST "$SIM/sim/rate?rate=0"
once
must "run --once ends with 0" test "$RC" = 0
must "nothing is missing or twice" complete
must "the tallies agree" tallies
