# D16: several addresses, one of them dead or sick: requests go to the others, without waiting for it. And an address of IPv6.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 400
dead=http://127.0.0.1:1
BULK="[\"$dead\", \"$SIM\"]" HEC="[\"$dead\", \"$SIM\"]"
all_sinks
sed -i 's/url: "\[\(.*\)\]"/url: [\1]/' "$W/c.yaml"
run
must "everything arrives over the other address" until_true 20 sinks_whole
must "nothing was sent twice" test "$(hec_twice)" = 0
stop
[ "$(cat /proc/sys/net/ipv6/conf/lo/disable_ipv6 2>/dev/null)" = 0 ] && command -v socat >/dev/null || return 0
port=${SIM##*:}
socat "TCP6-LISTEN:$port,bind=[::1],reuseaddr,fork" "TCP:127.0.0.1:$port" 2>/dev/null &
FRONT_PID=$!
BULK="http://[::1]:$port" HEC="http://[::1]:$port"
all_sinks
run
more 100
must "and over IPv6 alone" until_true 20 sinks_whole
must "nothing was sent twice" test "$(hec_twice)" = 0
stop
front_down
