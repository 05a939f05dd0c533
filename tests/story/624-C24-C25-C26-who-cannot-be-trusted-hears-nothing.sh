# A port where nobody listens, one that hangs up, one that speaks no TLS, certificates of another host, of another authority, self-signed,
# expired, TLS that is too old, HTTP/2 that goes away or resets: each is said with the host and the reason, hears no secret, moves no mark,
# disturbs no other tenant, and passes by itself.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
# shellcheck source=tests/story/lib_lies.sh
. "$here/lib_lies.sh"
command -v socat >/dev/null || skip "there is no socat"
for name in ours theirs; do authority $name; done
certificate good ours
certificate old ours 20210101
certificate foreign theirs
certificate elsewhere ours 20991231 DNS:elsewhere.example
cat "$W/theirs.crt" "$W/theirs.key" >"$W/theirs.pem"
other_tenant 600
sim --now 2026-11-23T08:00:00 --clock-rate 600 --subscribed --records 200 --days 0.5 --tls-port 0 --tls-cert "$W/good.crt" --tls-key "$W/good.key"
trap 'kill $OTHER_PID; front_down; end_story' EXIT
TLS=$(curl -sf "$SIM/sim/ready" | jq .tls_port)
simulated_time
# The door is the one address that the tenant's requests go to. A relay, since that ends every connection with itself.
door
open_door() { perl "$here/relay.pl" "$FRONT" "$TLS" & FRONT_PID=$!; }
open_door
export INTERVAL=60s FEEDS="audit.general, audit.exchange"
PLAIN=$SIM SIM=https://127.0.0.1:$FRONT BULK=$PLAIN
conf
SIM=$PLAIN
sed -i "s#^    cloud: custom#&\n    ca_file: $W/ours.crt#" "$W/c.yaml"
other_joins
run
must "its own authority is trusted, and everything arrives" until_true 10 arrived
listed_of() { ask status --json | jq -r '[.sources[] | select(.tenant == "contoso") | .listed_to] | tostring'; }
heard() { report | jq '[.requests | .content, .token, .subscriptions | .n // 0] | add'; }
new_lines() { tail -n +$((LINES_BEFORE + 1)) "$W/log"; }
says_why() { new_lines | grep -q -- " contoso.*$1.*127\.0\.0\.1:$FRONT: .*$2"; }

# behind NAME KIND REASON COMMAND...: the door is what COMMAND makes of it, until the log has said KIND, the host and REASON; then it is good again.
behind() {
	local name=$1 kind=$2 why=$3 mark theirs n
	shift 3
	front_down
	LINES_BEFORE=$(wc -l <"$W/log")
	more 10 Audit.General
	sleep 0.3
	mark=$(listed_of) theirs=$(others) n=$(heard)
	"$@"
	must "$name: said" until_true 15 says_why "$kind" "$why"
	must "$name: the other tenant goes on" until_true 10 others_more "$theirs"
	must "$name: no mark moved" test "$(listed_of)" = "$mark"
	must "$name: nothing was heard" test "$(heard)" = "$n"
	must "$name: no warning without the host" test -z "$(new_lines | grep ' warn .* contoso' | grep -v "127.0.0.1:$FRONT")"
	must "$name: the same is not said twice in a row" test -z "$(new_lines | grep subscriptions-unknown | cut -d ' ' -f 2- | uniq -d)"
	front_down
	open_door
	must "$name: passes by itself" until_true 30 arrived
}
shows() { cp "$W/$1.pem" "$W/front.pem"; tls_front "${2:-}"; }	# shows CERTIFICATE [SOCAT OPTIONS]
hangs_up() { socat "TCP-LISTEN:$FRONT,bind=127.0.0.1,reuseaddr,fork,linger=0" EXEC:true 2>"$W/front.log" & FRONT_PID=$!; }
no_tls() { perl "$here/ear.pl" "$W/heard" "$FRONT" & FRONT_PID=$!; }
# A server of HTTP/2 that says FRAMES, again and again, whatever it is asked.
http2() {
	openssl s_server -accept "127.0.0.1:$FRONT" -cert "$W/good.crt" -key "$W/good.key" -alpn h2 -quiet \
	    < <(while printf "$1"; do sleep 0.1; done 2>/dev/null) >"$W/front.log" 2>&1 & FRONT_PID=$!
}
SETTINGS='\0\0\0\4\0\0\0\0\0'
behind "nobody listens" connect: 'connect to' true
behind "one that hangs up" tls: 'in connection to' hangs_up
behind "one that speaks no TLS" tls: 'wrong version' no_tls
behind "a certificate of another host" tls: 'no alternative certificate' shows elsewhere
behind "one of another authority" tls: 'CN=theirs; ca_file does not hold it' shows foreign
behind "a self-signed one" tls: self-signed shows theirs
behind "an expired one" tls: expired shows old
behind "TLS that is too old" tls: 'alert\|protocol' shows good 'verify=0,openssl-max-proto-version=TLS1.1,cipher=ALL:@SECLEVEL=0'
behind "HTTP/2 that goes away" reset: HTTP http2 "$SETTINGS"'\0\0\10\7\0\0\0\0\0\0\0\0\0\0\0\0\13'
behind "HTTP/2 that resets" reset: HTTP http2 "$SETTINGS"'\0\0\4\3\0\0\0\0\1\0\0\0\2'
must "who speaks no TLS heard no request" eval '! grep -qaE "HTTP/1|Bearer|client_secret|sim-secret" "$W/heard"'
must "... but heard us" test -s "$W/heard"
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "no gap" no_gaps
must "no dead letter" no_dead
mv "$W/ours.crt" "$W/away.crt"
once 5s
must "without the authority's file it does not start (exit $RC)" test "$RC" = 78
must "... and says what is missing" grep -q 'tenants\[0\].ca_file: .*cannot be read' "$W/log"
must "no secret was logged" tells_nothing
