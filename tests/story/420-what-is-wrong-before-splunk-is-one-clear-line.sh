# Whatever is wrong between us and Splunk's collector is said in one line that names it, holds or tries again, and drops nothing:
# mended, everything arrives once.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"

# wrong NAME STATE TEXT: this is what the output's state and the one line in the log say; then it is mended.
wrong() {
	run
	must "$1: the output is in state $2" until_true 15 is_state splunk "$2"
	stop
	[ "$(grep -c -- "$3" "$W/log")" = 1 ] || fail "$1: not one line in the log with: $3"
	must "$1: nothing is told that must not be" tells_nothing
	mv "$W/log" "$W/log.${1// /-}"
}
whole_now() { sinks_conf splunk; once; must "mended, everything is there once" sinks_whole; must "none twice" test "$(hec_twice)" = 0; }

sim --records 400
authority theirs
authority ours
certificate front theirs

sinks_conf splunk
printf 'c0ffee00-0000-0000-0000-000000000000\n' >"$W/plain"
wrong "wrong token" hold 'HTTP 403, code 4: the token is not known there'
printf '%s\n' "$PLAIN_TOKEN" >"$W/plain"

fault hec-code:1
wrong "disabled token" hold 'HTTP 403, code 1: the token is disabled'
clear_fault all

fault hec-wrong-index
wrong "token of another index" hold 'HTTP 400, code 7: the token may not write to this index'
clear_fault all

fault hec-303
wrong "Splunk Web" hold 'HTTP 303 to /en-US/account/login, which is not followed'
clear_fault all

fault hec-html-200
wrong "a login page" back 'HTTP 200, answered HTML: a proxy, a login page or Splunk Web stands there'
clear_fault all

fault hec-status:502
wrong "a proxy without a backend" back 'HTTP 502, answered HTML: a proxy'
clear_fault all

HEC="$SIM/wrong/path" sinks_conf splunk
wrong "a path that is not there" hold 'HTTP 404: no HTTP Event Collector there; is the URL right'

HEC_MORE=', proxy: "http://127.0.0.1:1"' HEC=https://splunk.invalid sinks_conf splunk
wrong "a proxy that is not there" back 'splunk.invalid:443: the proxy is in the way'

HEC=https://splunk.invalid sinks_conf splunk
wrong "a name that is not there" back 'splunk.invalid'

tls_front
HEC="https://127.0.0.1:$FRONT" HEC_MORE=", ca_file: $W/ours.crt" sinks_conf splunk
wrong "a certificate of another authority" back "127.0.0.1:$FRONT.*theirs"
HEC="http://127.0.0.1:$FRONT" sinks_conf splunk
wrong "http to a TLS port" back "127.0.0.1:$FRONT: "
HEC="https://127.0.0.1:${SIM##*:}" sinks_conf splunk
wrong "https to a port without TLS" back "127.0.0.1:${SIM##*:}: SSL"

report >"$W/report.json"
must "until now Splunk has nothing" jq -e '.hec.tokens.plain.matched == 0' "$W/report.json" >/dev/null

# What is right is right: a path, TLS with the authority given, an address of IPv6 only.
socat "TCP6-LISTEN:0,bind=[::1],reuseaddr,fork" "TCP4:127.0.0.1:${SIM##*:}" 2>/dev/null &
SIX_PID=$!
six_port() { SIX=$(ss -6ltnpH 2>/dev/null | sed -n "s/.*\[::1\]:\([0-9]*\) .*pid=$SIX_PID,.*/\1/p"); [ -n "$SIX" ]; }
if until_true 5 six_port; then
	HEC="http://[::1]:$SIX/services/collector" sinks_conf splunk
	once
	must "an address of IPv6 only, and a path" sinks_whole
fi
HEC="https://127.0.0.1:$FRONT" HEC_MORE=", ca_file: $W/theirs.crt" sinks_conf splunk
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=50" >/dev/null
once
must "over TLS too" sinks_whole
whole_now
front_down
kill "$SIX_PID"
