# shellcheck shell=bash
# What the stories of faulty destinations share (part D of the fault matrix): four outputs at once, Bulk, HEC without and
# with acknowledgements, and files; and what the oracle says of each.

PLAIN_TOKEN=22222222-3333-4444-5555-666666666666 ACK_TOKEN=77777777-3333-4444-5555-666666666666

# sinks_conf NAME...: a configuration with these of elastic, splunk, splunk-acks, archive. *_MORE: more keys of an output.
sinks_conf() {
	local name
	(umask 077; [ -e "$W/plain" ] || printf '%s\n' "$PLAIN_TOKEN" >"$W/plain"; [ -e "$W/acks" ] || printf '%s\n' "$ACK_TOKEN" >"$W/acks")
	OUTPUT_YAML=
	for name; do
		case $name in
		elastic) OUTPUT_YAML+="  - {name: elastic, type: bulk, url: \"${BULK:-$SIM}\", schema: ecs, batch: {linger: 200ms, bytes: ${BATCH:-200KB}}${BULK_MORE:-}}" ;;
		splunk) OUTPUT_YAML+="  - {name: splunk, type: hec, url: \"${HEC:-$SIM}\", token: \"file:$W/plain\", schema: native, redact: [], index: main, batch: {linger: 200ms, bytes: ${BATCH:-200KB}}${HEC_MORE:-}}" ;;
		splunk-acks) OUTPUT_YAML+="  - {name: splunk-acks, type: hec, url: \"${HEC:-$SIM}\", token: \"file:$W/acks\", schema: native, redact: [], batch: {linger: 200ms, bytes: ${BATCH:-200KB}}, ack_timeout: ${ACK_TIMEOUT:-3s}${ACK_MORE:-}}" ;;
		archive) OUTPUT_YAML+="  - {name: archive, type: file, path: $W/archive, schema: raw, batch: {linger: 500ms}}" ;;
		esac
		OUTPUT_YAML+=$'\n'
	done
	SINKS=$*
	conf
}

all_sinks() { sinks_conf elastic splunk splunk-acks archive; }

# The oracle's word on one output: everything there, nothing strange; at HEC a second copy only where an answer was lost, and
# always the same bytes, Microsoft's own.
sink_whole() {	# sink_whole NAME [REPORT]
	local hec='.missing == 0 and .unexpected == 0 and .twice_otherwise == 0 and .twice_changed == 0 and .spacing == 0 and
	    .differ == 0 and .due > 0'
	case $1 in
	elastic) jq -e '.bulk | .missing == 0 and .created_twice == 0 and .unexpected == 0 and .repeated_in_request == 0 and .due > 0' ;;
	splunk) jq -e ".hec | .unknown_keys == 0 and .metric_events == 0 and (.tokens.plain | $hec)" ;;
	splunk-acks) jq -e ".hec | .unknown_keys == 0 and .metric_events == 0 and (.tokens.acks | $hec)" ;;
	archive) jq -e '.files | .missing == 0 and .twice == 0 and .torn == 0 and .unexpected == 0 and .due > 0' ;;
	esac <"${2:-$W/report.json}" >/dev/null
}

sinks_whole() {	# all outputs of the configuration
	local name
	report >"$W/report.json" || return 1
	for name in $SINKS; do
		sink_whole "$name" || return 1
	done
}

# How many second copies there are at HEC, the excused ones too.
hec_twice() { jq '[.hec.tokens[].twice] | add' "$W/report.json"; }

more() {	# more [RECORDS [CONTENT TYPE]]: new ones, now
	curl -sf -o /dev/null -X POST "$SIM/sim/blob?records=${1:-100}&content=${2:-Audit.Exchange}" || fail "no more records"
}

fault_hits() { curl -sf "$SIM/sim/faults" | jq --arg f "$1" '.[] | select(.name == $f) | .hits'; }
was_hit() { [ "$(fault_hits "$1")" -ge "${2:-1}" ]; }	# was_hit FAULT [TIMES]

output_state() { ask status --json | jq -r --arg n "$1" '.outputs[]? | select(.name == $n) | .state'; }
output_why() { ask status --json | jq -r --arg n "$1" '.outputs[] | select(.name == $n) | .why'; }
has_why() { [[ $(output_why "$1") == *$2* ]]; }		# has_why OUTPUT PART
is_state() { [[ $(output_state "$1") == *$2* ]]; }	# is_state OUTPUT PART

dead_count() { ask dead list --json | jq -s --arg o "$1" '[.[] | select(.output == $o)] | length'; }	# dead_count OUTPUT
no_dead() { [ -z "$(ask dead list --json)" ]; }
no_gaps() { [ -z "$(ask gaps --json)" ]; }

# One clear line: the text is there, and no more than so many times.
said() {	# said TEXT [AT MOST]
	local n
	n=$(grep -c -- "$1" "$W/log")
	[ "$n" -ge 1 ] && [ "$n" -le "${2:-1}" ] || { fail "the log has $n lines with: $1"; return 1; }
}

# Nothing that must not be told was told: tokens, secrets, what records hold.
tells_nothing() {
	! grep -qE "$PLAIN_TOKEN|$ACK_TOKEN|sim-secret|\"(Id|Operation|UserId)\"|@contoso\.example" "$W/log"
}

# A TLS front of the simulator: tls_front [SOCAT OPTIONS, instead of verify=0]; $FRONT is its port. socat, since it can also ask for certificates.
tls_front() {
	rm -f "$W/front.log"		# what served the last connections of the front before still writes to it
	socat -d -d "OPENSSL-LISTEN:${FRONT:-0},bind=127.0.0.1,reuseaddr,fork,cert=$W/front.pem,${1:-verify=0}" \
	    "TCP:127.0.0.1:${SIM##*:}" >"$W/front.log" 2>&1 &
	FRONT_PID=$!
	until_true 5 grep -qs 'listening on' "$W/front.log"
	FRONT=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$W/front.log" | head -n 1)
}
front_down() { [ -z "${FRONT_PID:-}" ] || { kill "$FRONT_PID" 2>/dev/null; wait "$FRONT_PID" 2>/dev/null; FRONT_PID=; }; }

# An authority, and certificates of it: authority NAME; certificate NAME AUTHORITY [LAST DAY, YYYYMMDD [ALTERNATIVE NAMES]]
authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$W/$1.key" -out "$W/$1.crt" -days 30 \
	    -subj "/CN=$1" 2>/dev/null
}
certificate() {
	: >"$W/$2.index"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$W/$1.key" -out "$W/$1.csr" -subj "/CN=$1" 2>/dev/null
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s\nnew_certs_dir=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=%s\n' \
	    "$W/$2.index" "$W" "${4:-DNS:localhost,IP:127.0.0.1}" >"$W/$2.cnf"
	openssl ca -batch -notext -config "$W/$2.cnf" -cert "$W/$2.crt" -keyfile "$W/$2.key" -in "$W/$1.csr" -out "$W/$1.crt" \
	    -startdate 20200101000000Z -enddate "${3:-20991231}000000Z" >/dev/null 2>&1
	cat "$W/$1.crt" "$W/$1.key" >"$W/$1.pem"
}

mended() { clear_fault all; kill -HUP "$RUN_PID"; }	# and the forwarder is told, which ends pauses and holds
