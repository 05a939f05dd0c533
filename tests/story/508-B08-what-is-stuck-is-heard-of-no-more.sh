# The loop or the store's thread is stuck for ever (m365fwd-kill with M365FWD_CRASH_HOW=hang): WATCHDOG=1 is heard no more, and
# the service manager, which then sends SIGABRT, gets a process that goes on where the stuck one was. (One worker of several may be stuck
# unseen: the others answer.)
sim --records 3000
simulated_time
M365FWD=$(dirname "$M365FWD")/m365fwd-kill
conf
fed() { grep -ao 'WATCHDOG=1' "$W/heard" | wc -l; }
stuck() { grep -aq "^crash point $1" "$W/log"; }
for point in done-heard done-uncommitted; do
	rm -f "$W/notify" "$W/heard"
	socat -u "UNIX-RECV:$W/notify" "OPEN:$W/heard,creat,append" &
	LISTENER=$!
	until_true 10 test -S "$W/notify"
	WATCHDOG_USEC=900000 NOTIFY_SOCKET=$W/notify M365FWD_CRASH_AT=$point:2 M365FWD_CRASH_HOW=hang run
	must "it is ready" until_true 20 grep -qa READY=1 "$W/heard"
	must "it comes to $point" until_true 20 stuck "$point"
	must "it was fed before" test "$(fed)" -gt 0
	sleep 1		# what was answered before may still be said
	before=$(fed)
	sleep 1.5	# five times the pause between two of them
	must "stuck at $point it is heard of no more" test "$(fed)" = "$before"
	must "it is still there" kill -0 "$RUN_PID"
	stop ABRT
	must "the manager's SIGABRT ends it ($RC)" test "$RC" = 134
	kill "$LISTENER" 2>/dev/null
done 2>/dev/null
once
must "run --once ends with 0" test "$RC" = 0
must "nothing is missing or twice" complete
