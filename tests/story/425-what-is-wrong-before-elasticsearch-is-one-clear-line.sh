# Whatever is wrong between us and Elasticsearch is said in one line that names it, holds or tries again, and drops nothing:
# mended, everything is there once.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"

more_records() { curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=50" >/dev/null; }
# wrong NAME STATE TEXT: this is what the output's state and the one line in the log say; then it is mended.
wrong() {
	run
	must "$1: the output is in state $2" until_true 15 is_state elastic "$2"
	stop
	said "$3" "${4:-1}" || fail "$1"
	must "$1: nothing is told that must not be" tells_all_but_secrets
	must "$1: nothing is dropped" no_dead
	mv "$W/log" "$W/log.${1// /-}"
}
tells_all_but_secrets() { tells_nothing && ! grep -q 'right-key\|wrong-key\|cmlnaH\|d3Jvbm' "$W/log"; }
documents() { report | jq .bulk.documents; }

sim --records 400 --bulk-api-key id:right-key
authority theirs
authority ours
certificate front theirs
key() { (umask 077; printf '%s\n' "$1" >"$W/key"); }
BULK_MORE=", api_key: \"file:$W/key\""
MORE=$BULK_MORE

sinks_conf elastic
key id:wrong-key
wrong "wrong credentials" hold 'HTTP 401: the credentials were refused: security_exception'
key id:right-key

fault bulk-403
wrong "a right is missing" hold 'HTTP 403: a right is missing: security_exception'
clear_fault all
fault bulk-404
wrong "no such index" hold 'HTTP 404: there is no such index or endpoint'
clear_fault all
fault bulk-item-403
wrong "a right is missing for an index" hold 'item 403: security_exception'
clear_fault all
fault bulk-item-404
wrong "a stream without a template" hold 'item 404: index_not_found_exception'
clear_fault all
fault bulk-html-200
wrong "a login page" back 'HTTP 200, answered HTML: a proxy'
clear_fault all
fault bulk-503
wrong "a cluster that starts" back 'HTTP 503: the destination has trouble: cluster_block_exception'
clear_fault all

must "until now the cluster has nothing" test "$(documents)" = 0

BULK_MORE="$MORE, proxy: \"http://127.0.0.1:1\"" BULK=https://elastic.invalid sinks_conf elastic
wrong "a proxy that is not there" back 'elastic.invalid:443: the proxy is in the way'
BULK_MORE="$MORE, proxy: \"$SIM\"" BULK=https://elastic.invalid sinks_conf elastic
wrong "a proxy that refuses" back 'elastic.invalid:443: the proxy'
BULK=https://elastic.invalid sinks_conf elastic
wrong "a name that is not there" back 'elastic.invalid'

tls_front
BULK="https://127.0.0.1:$FRONT" BULK_MORE="$MORE, ca_file: $W/ours.crt" sinks_conf elastic
wrong "a certificate of another authority" back "127.0.0.1:$FRONT.*theirs"
BULK="https://127.0.0.1:$FRONT" BULK_MORE="$MORE, pinned_spki: \"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"" sinks_conf elastic
wrong "a key that is not pinned" back "127.0.0.1:$FRONT"
BULK="http://127.0.0.1:$FRONT" sinks_conf elastic
wrong "http to a TLS port" back "127.0.0.1:$FRONT: "
BULK="https://127.0.0.1:${SIM##*:}" BULK_MORE="$MORE, ca_file: $W/theirs.crt" sinks_conf elastic
wrong "https to a port without TLS" back "127.0.0.1:${SIM##*:}: "

# Here records arrive, and only the answers are bad; a parcel that is then found to be there ends the trouble, the next begins it.
sinks_conf elastic
fault bulk-cut-reply
wrong "a cut reply" back 'HTTP 200, and the answer is cut or no JSON' 3
clear_fault all
more_records
fault bulk-short-items
wrong "a reply without an item" back 'HTTP 200 with [0-9]* items for [0-9]* records' 3
clear_fault all
more_records
fault bulk-giant-reply:8
wrong "a giant reply" back 'the answer is over [0-9]* bytes' 3
clear_fault all

# What is right is right: a path, an address of IPv6 only, TLS with the authority or the key given, our own certificate.
socat "TCP6-LISTEN:0,bind=[::1],reuseaddr,fork" "TCP4:127.0.0.1:${SIM##*:}" 2>/dev/null &
SIX_PID=$!
six_port() { SIX=$(ss -6ltnpH 2>/dev/null | sed -n "s/.*\[::1\]:\([0-9]*\) .*pid=$SIX_PID,.*/\1/p"); [ -n "$SIX" ]; }
if until_true 5 six_port; then
	BULK="http://[::1]:$SIX/behind/a/path/" sinks_conf elastic
	once
	must "an address of IPv6 only, and a path" sinks_whole
fi
pin=$(openssl x509 -in "$W/front.crt" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
BULK="https://127.0.0.1:$FRONT" BULK_MORE="$MORE, pinned_spki: \"sha256//$pin\"" sinks_conf elastic
more_records
once
must "TLS with a pinned key and an authority that nobody knows" sinks_whole
front_down
certificate us ours
chmod 0600 "$W/us.key"
tls_front "verify=1,cafile=$W/ours.crt"
BULK="https://127.0.0.1:$FRONT" BULK_MORE="$MORE, ca_file: $W/theirs.crt" sinks_conf elastic
more_records
wrong "a certificate of ours is asked for" back "127.0.0.1:$FRONT"
BULK="https://127.0.0.1:$FRONT" BULK_MORE="$MORE, ca_file: $W/theirs.crt, client_certificate: $W/us.crt, client_key: $W/us.key" sinks_conf elastic
once
must "and with it everything arrives" sinks_whole
must "nothing is a dead letter" no_dead
must "no gap" no_gaps
front_down
kill "$SIX_PID"
