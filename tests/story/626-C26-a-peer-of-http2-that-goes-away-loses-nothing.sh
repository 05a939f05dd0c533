# Between us and everybody stands a peer of HTTP/2 that others wrote (nghttpx). It says GOAWAY while requests are under way, dies, resets
# streams in the middle of answers, loses what is behind it, and allows one stream, small windows or short headers: what was whole is
# taken, nothing that was cut is, no mark moves, and everything arrives on new connections: once, at HEC a second time in the same bytes
# where the answer was lost.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
# shellcheck source=tests/story/lib_lies.sh
. "$here/lib_lies.sh"
PATH=$PATH:/usr/sbin
command -v nghttpx >/dev/null || skip "there is no nghttpx (nghttp2-proxy)"
authority ours
certificate good ours
sim --now 2026-11-23T08:00:00 --clock-rate 600 --subscribed --records 400 --days 0.5 \
    --tls-port 0 --tls-cert "$W/good.crt" --tls-key "$W/good.key"
trap 'peer_dies; back_dies; end_story' EXIT
TLS=$(curl -sf "$SIM/sim/ready" | jq .tls_port)
simulated_time
# us -> nghttpx (HTTP/2 over TLS, $FRONT) -> a relay that can die ($BACK) -> the simulator (HTTP/1.1 over TLS)
door
BACK=$FRONT
door
back_up() { perl "$here/relay.pl" "$BACK" "$TLS" & BACK_PID=$!; }
back_dies() { [ -z "${BACK_PID:-}" ] || { kill "$BACK_PID"; wait "$BACK_PID" 2>/dev/null; BACK_PID=; }; }
peer_is() {	# peer_is OPTION...: how the next one is
	printf '%s\n' "frontend=127.0.0.1,$FRONT" "backend=127.0.0.1,$BACK;;tls;proto=http/1.1" insecure=yes backend-max-backoff=1s \
	    "private-key-file=$W/good.key" "certificate-file=$W/good.crt" workers=1 no-ocsp=yes frontend-frame-debug=yes \
	    "accesslog-file=$W/passed" "accesslog-format=\$protocol_version \$remote_port \$status \$request" "$@" >"$W/peer.conf"
}
peer_up() { nghttpx --conf="$W/peer.conf" >>"$W/frames" 2>&1 & PEER_PID=$!; }
peer_dies() {	# the master and whoever works for it, at once
	[ -n "${PEER_PID:-}" ] || return 0
	# shellcheck disable=SC2046
	kill -KILL "$PEER_PID" $(pgrep -P "$PEER_PID")
	wait "$PEER_PID" 2>/dev/null
	PEER_PID=
}
frames() { grep -cF -- "$1" "$W/frames"; }		# frames WHAT: so many it has seen, all of them
more_frames() { [ "$(frames "$1")" -gt "$2" ]; }
passed() { grep -cE "$1" "$W/passed"; }		# passed PATTERN: VERSION PORT STATUS METHOD TARGET
more_passed() { [ "$(passed "$1")" -gt "$2" ]; }
becomes() {	# becomes OPTION...: a new one serves, the old one says GOAWAY where it has a connection, and finishes what it has
	local n
	n=$(frames 'Created worker thread')
	peer_is "$@"
	kill -HUP "$PEER_PID"
	must "a new one serves" until_true 10 more_frames 'Created worker thread' "$n"
}
# under_way FAULT:ARGUMENT: from here on answers are held back so, and one is.
under_way() {
	local n
	n=$(fault_hits "${1%:*}")
	fault "$1"
	more 50 Audit.General
	must "$1: a request is under way" until_true 10 was_hit "${1%:*}" $((n + 1))
}
# The simulator cannot know which of its answers the peer took with it, so that second copies at HEC are judged by what they are.
whole() {
	report >"$W/report.json" && sink_whole elastic && sink_whole archive && jq -e '.hec.unknown_keys == 0 and all(.hec.tokens[];
	    .missing == 0 and .unexpected == 0 and .twice_changed == 0 and .differ == 0 and .due > 0)' "$W/report.json" >/dev/null
}
goes_on() {	# goes_on NAME
	clear_fault all
	must "$1: everything arrives" until_true 15 whole
}
settled() {	# every output was told that it has everything
	ask status --json | jq -e '(.store // .).tallies as $t | $t.stored > 0 and
	    all("elastic", "splunk", "splunk-acks", "archive"; $t["delivered:" + .] == $t.stored)' >/dev/null
}
marks() { ask status --json | jq -r '[.sources[].listed_to] | tostring'; }
peer_is
peer_up
back_up
PLAIN=$SIM SIM=https://127.0.0.1:$FRONT TRUST=", ca_file: $W/ours.crt"
INTERVAL=60s FEEDS="audit.general, audit.exchange" ACK_TIMEOUT=1h BULK_MORE=$TRUST HEC_MORE=$TRUST ACK_MORE=$TRUST
all_sinks
SIM=$PLAIN
sed -i "s#^    cloud: custom#&\n    ca_file: $W/ours.crt#" "$W/c.yaml"
run
goes_on "a peer that does nothing"
for what in oauth2/v2.0/token subscriptions/list subscriptions/content _bulk services/collector/event services/collector/ack; do
	must "$what goes over HTTP/2" test "$(passed "^HTTP/2 .* 200 .*/$what")" -gt 0
done
must "a blob goes over HTTP/1.1, since a pause stops nothing else there" test "$(passed '^HTTP/1.1 .* 200 .*/feed/audit/')" -gt 0
must "... and not over HTTP/2" test "$(passed '^HTTP/2 .*/feed/audit/')" = 0
must "many requests share a connection" test "$(cut -d ' ' -f 2 "$W/passed" | sort | uniq -c | sort -rn | awk 'NR == 1 { print $1 }')" -gt 10
for how in bulk-hang:1 hec-hang:1; do
	under_way $how
	n=$(frames 'send GOAWAY')
	becomes
	must "GOAWAY was said during $how" until_true 10 more_frames 'send GOAWAY' "$n"
	goes_on "GOAWAY during $how"
done
becomes frontend-http2-{max-concurrent-streams=1,window-size=1K,connection-window-size=1K}
more 200 Audit.General
goes_on "one stream and small windows"
for what in 'MAX_CONCURRENT_STREAMS(0x03):1]' 'INITIAL_WINDOW_SIZE(0x04):1024]'; do
	must "... $what was said" until_true 10 more_frames "$what" 0
done
becomes
for how in bulk-hang:1 hec-hang:1 slow:300; do
	under_way $how
	peer_dies
	peer_up
	goes_on "killed during $how"
done
for how in bulk-hang:1 hec-hang:1; do
	n=$(passed '^HTTP/2 .* 502 ')
	under_way $how
	back_dies
	must "nobody behind it during $how: 502" until_true 10 more_passed '^HTTP/2 .* 502 ' $((n + 1))
	back_up
	goes_on "nobody behind it during $how"
done
under_way list-reset:100
before=$(marks) n=$(frames 'send RST_STREAM')
must "streams are reset" until_true 10 more_frames 'send RST_STREAM' $((n + 4))
must "... which is said" until_true 10 grep -q 'reset: 127.0.0.1:.* HTTP/2 stream' "$W/log"
must "... and moves no mark" test "$before" = "$(marks)"
goes_on "streams that are reset"
n=$(passed '^HTTP/2 .* 431 ')
becomes request-header-field-buffer=100
more 20 Audit.General
must "requests are too large for it: 431" until_true 10 more_passed '^HTTP/2 .* 431 ' $((n + 3))
becomes
goes_on "431"
n=$(passed '^HTTP/2 .* 502 ')
becomes response-header-field-buffer=20
must "answers are too large for it: 502" until_true 10 more_passed '^HTTP/2 .* 502 ' $((n + 3))
becomes
more 20 Audit.General
goes_on "502"
must "everything is acknowledged" until_true 15 settled
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "no answer was given to another request" eval '! grep -qE "something else than a HEC does|has no contentId" "$W/log"'
must "no gap" no_gaps
must "no dead letter" no_dead
must "no secret was logged" tells_nothing
