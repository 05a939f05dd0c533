# SIGSTOP in the middle of everything, for hours of the tenant's time: its token has expired, its connections have been closed, timers are
# long due. SIGCONT, and it catches up, without a storm of requests or a busy loop, and nothing is missing or twice.
sim --records 6000 --days 0.5 --clock-rate 3000 --rate 0.2 --subscribed --token-lifetime 1800 --fault bulk-reset-after-read:5
simulated_time
RPM=2000 INTERVAL=10m
conf
run
began=$(date -d "$(sim_now)" +%s)
must "records arrive" until_true 20 eval 'report | jq -e ".bulk.documents > 300" >/dev/null'
for rest in 1 2.5; do		# 50 minutes and two hours
	kill -STOP "$RUN_PID"
	sleep "$rest"
	[ "$rest" = 1 ] || fault expire-tokens
	before=$(report | jq .bulk.documents)
	kill -CONT "$RUN_PID"
	must "records arrive again" until_true 20 eval "report | jq -e '.bulk.documents > $before' >/dev/null"
done
curl -sf -o /dev/null -X POST "$SIM/sim/rate?rate=0"
clear_fault all
must "nothing is missing or twice" until_true 60 complete
ticks() { awk '{ print $14 + $15 }' "/proc/$RUN_PID/stat"; }
before=$(ticks)
sleep 2
must "it rests: $(($(ticks) - before)) of 200 ticks" test $(($(ticks) - before)) -lt 100
# Ten minutes between two listings of each of five feeds, of a page or two: what was missed meanwhile is asked for once.
minutes=$((($(date -d "$(sim_now)" +%s) - began) / 60))
listings=$(report | jq .requests.content.n)
must "nobody was asked too often: $listings listings in $minutes minutes" test "$listings" -le $((minutes + 50))
stop
must "SIGTERM ends it with 0" test "$RC" = 0
