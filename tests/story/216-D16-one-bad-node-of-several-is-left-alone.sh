# D16: several addresses, one of them dead or sick: requests go to the others, without waiting for it: by a list, and by
# one name. And an address of IPv6.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
authority ours
certificate good ours 20991231 DNS:nodes.test
sim --records 400 --tls-port 0 --tls-cert "$W/good.crt" --tls-key "$W/good.key"
simulated_time		# whose forwarder has a resolver of ours
sinks_grown() { sinks_whole && jq -e ".listed.records >= $1" "$W/report.json" >/dev/null; }	# ... all of so many
dead=http://127.0.0.1:1
BULK="[\"$dead\", \"$SIM\"]" HEC="[\"$dead\", \"$SIM\"]"
all_sinks
sed -i 's/url: "\[\(.*\)\]"/url: [\1]/' "$W/c.yaml"
run
must "everything arrives over the other address" until_true 20 sinks_whole
must "nothing was sent twice" test "$(hec_twice)" = 0
stop
# One name with several addresses, as DNS round robin has it; at the first nobody listens.
export M365FWD_TEST_NAMES=$W/names
echo "nodes.test 192.0.2.9,127.0.0.1" >"$W/names"
BULK=https://nodes.test:$(curl -sf "$SIM/sim/ready" | jq .tls_port) HEC=$BULK
HEC_MORE=", ca_file: $W/ours.crt" ACK_MORE=$HEC_MORE BULK_MORE=$HEC_MORE
all_sinks
run
more 100
must "everything arrives over the other address of the name" until_true 20 sinks_grown 500
must "nothing was sent twice" test "$(hec_twice)" = 0
stop
echo "nodes.test 192.0.2.9,192.0.2.10" >"$W/names"
run
more 100
must "with both dead nothing arrives" until_true 20 has_why splunk nodes.test
stop
unset M365FWD_TEST_NAMES HEC_MORE ACK_MORE BULK_MORE
[ "$(cat /proc/sys/net/ipv6/conf/lo/disable_ipv6 2>/dev/null)" = 0 ] && command -v socat >/dev/null || return 0
port=${SIM##*:}
socat "TCP6-LISTEN:$port,bind=[::1],reuseaddr,fork" "TCP:127.0.0.1:$port" 2>/dev/null &
FRONT_PID=$!
BULK="http://[::1]:$port" HEC="http://[::1]:$port"
all_sinks
run
more 100
must "and over IPv6 alone" until_true 20 sinks_grown 700
must "nothing was sent twice" test "$(hec_twice)" = 0
stop
front_down
