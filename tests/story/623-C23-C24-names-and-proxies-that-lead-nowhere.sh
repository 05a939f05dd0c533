# A name that is not answered, that does not exist, that leads to this host, a proxy that asks for a password or refuses to connect: each is
# said with the name and the reason, nobody hears a token, another tenant is not disturbed, and it passes without a restart.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
# shellcheck source=tests/story/lib_lies.sh
. "$here/lib_lies.sh"
authority ours
certificate good ours 20991231 DNS:m365.test
other_tenant 600
sim --now 2026-11-23T08:00:00 --clock-rate 600 --subscribed --records 200 --days 0.5 --tls-port 0 --tls-cert "$W/good.crt" --tls-key "$W/good.key"
trap 'kill $OTHER_PID; front_down; end_story' EXIT
TLS=$(curl -sf "$SIM/sim/ready" | jq .tls_port)
simulated_time
export M365FWD_TEST_NAMES=$W/names
leads() { echo "$1" >"$W/names.new"; mv "$W/names.new" "$W/names"; }
leads none
export INTERVAL=60s FEEDS="audit.general, audit.exchange"
PLAIN=$SIM SIM=https://m365.test:$TLS BULK=$PLAIN
conf
SIM=$PLAIN
sed -i "s#^    cloud: custom#&\n    ca_file: $W/ours.crt\n    proxy: off#" "$W/c.yaml"
other_joins
says_why() { grep -q -- " contoso.*$1.*m365.test:$TLS: .*$2" "$W/log"; }
stuck() {	# stuck NAME KIND REASON
	local theirs
	theirs=$(others)
	must "$1: said" until_true 20 says_why "$2" "$3"
	must "$1: the other tenant goes on" until_true 10 others_more "$theirs"
	must "$1: no token was asked for" jq -e '(.requests.token.n // 0) == 0' <<<"$(report)" >/dev/null
}
leads 127.0.0.1
run
stuck "a name that leads to this host" connect: 'refused, because it leads to'
stop		# libcurl keeps an address for a minute of real time
leads none
run
stuck "a name that does not exist" dns: resolve
leads wait
stuck "a name that is not answered" dns: 'timed out'
leads 192.0.2.1
must "the right address: everything arrives" until_true 30 arrived
door
sed -i "s#^    proxy: off#    proxy: http://127.0.0.1:$FRONT#" "$W/c.yaml"
echo "407 no" >"$W/switch"
perl "$here/mirror.pl" "$FRONT" "$TLS" "$W/asked" "$W/switch" & FRONT_PID=$!
more 20 Audit.General
kill -HUP "$RUN_PID"
must "a proxy that wants a password: said" until_true 20 says_why proxy: 407
echo "503 no" >"$W/switch"
must "a proxy that does not connect: said" until_true 20 says_why proxy: 503
must "the proxy heard CONNECT alone" eval '! grep -aqE "GET|POST|Bearer|client_secret" "$W/asked"'
must "... but heard it" grep -aq "^CONNECT m365.test:$TLS" "$W/asked"
sed -i "s#^    proxy: http.*#    proxy: off#" "$W/c.yaml"
kill -HUP "$RUN_PID"
must "without the proxy everything arrives" until_true 30 arrived
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "no gap" no_gaps
must "no dead letter" no_dead
must "no secret was logged" tells_nothing
