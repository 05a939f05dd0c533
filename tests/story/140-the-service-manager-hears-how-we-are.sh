# systemd's datagram protocol: ready, one line of status, the watchdog, a reload, the end.
sim --records 100
conf
socat -u "UNIX-RECV:$W/notify" "OPEN:$W/heard,creat,append" &
LISTENER=$!
until_true 10 test -S "$W/notify"
WATCHDOG_USEC=900000 NOTIFY_SOCKET=$W/notify run
heard() { grep -qa -- "$1" "$W/heard"; }
watched() { [ "$(grep -oa 'WATCHDOG=1' "$W/heard" | wc -l)" -ge 3 ]; }
must "READY" until_true 20 heard 'READY=1'
must "STATUS" until_true 5 heard 'STATUS=feeds 5, outputs 2, spool 0%'
must "the watchdog is fed" until_true 10 watched
kill -HUP "$RUN_PID"
must "RELOADING" until_true 10 heard 'RELOADING=1READY=1'
stop
must "STOPPING" heard 'STOPPING=1'
kill "$LISTENER" 2>/dev/null
