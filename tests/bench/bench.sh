#!/bin/bash
# What "make bench" prints: ratios first. BENCH_RECORDS (200000), BENCH_SEEN_IDS (20000000), BENCH_BACKLOG_GIB (10), and
# BENCH_ONLY=backlog for that part alone.
set -eu
records=${BENCH_RECORDS:-200000}
W=$(mktemp -d /tmp/m365fwd-bench.XXXXXX)
FAILED='' SIM_PID='' RUN_PID=''
# shellcheck source=tests/story/lib.sh
. "$(dirname "$0")/../story/lib.sh"
finish() { end_story; rm -rf "$W"; }
trap finish EXIT

# An outage that left a backlog: memory while it drains, and how soon a record of now gets through it.
backlog() {
	local gib=${BENCH_BACKLOG_GIB:-10} rate peak
	rm -rf "$W/state" "$W/archive"
	mkdir -m 0700 "$W/state"
	"$BENCH"/bench_backlog "$W/state" "$gib"
	sim --records 200 --odd 0
	START=1h
	conf "spool: {max: 64GiB, reserve: 0MiB}"
	sed -i '/name: archive/d' "$W/c.yaml"
	run
	fresh() { curl -sf "$SIM/sim/report" | jq -e '.bulk.missing == 0 and .listed.records > 0' >/dev/null; }
	local began=$SECONDS
	until_true 600 fresh || echo "the records of now did not arrive in 600 s"
	echo "backlog of $gib GiB: records of now are there after $((SECONDS - began)) s"
	sleep "${BENCH_BACKLOG_S:-30}"
	peak=$(awk '/VmHWM/ { print $2 }' "/proc/$RUN_PID/status")
	rate=$(curl -sf "$SIM/sim/report" | jq .bulk.documents)
	awk -v p="$peak" -v n="$rate" -v s=$((SECONDS - began)) -v left="$(ask status --json | jq '(.store // .).spool.bytes')" \
	    'BEGIN { printf "backlog: peak %.1f MiB, %d documents in %d s, %.2f GiB left\n", p / 1024, n, s, left / 1024 / 1024 / 1024 }'
	end_story
	rm -rf "$W/state"
}
if [ "${BENCH_ONLY:-}" = backlog ]; then
	backlog
	exit
fi

# A corpus of the simulator's own, by way of the raw archive.
sim --records 20000 --odd 0
conf
once 120s
find "$W/archive" -name '*.gz' -exec zcat {} + >"$W/corpus"
end_story
"$BENCH"/bench_norm "$W/corpus"

# The whole process, from blob to gzipped requests over TLS, with one output.
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$W/key.pem" -out "$W/cert.pem" -days 2 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' >/dev/null 2>&1
(umask 077; echo 22222222-3333-4444-5555-666666666666 >"$W/token"; echo 77777777-3333-4444-5555-666666666666 >"$W/acks")
whole() {	# whole WHAT OUTPUT IT-HAS-EVERYTHING HOW-MANY-IT-HAS (both jq)
	local tls=$((20000 + ($$ + RANDOM) % 20000)) began
	sim --records "$records" --odd 0 --tls-port "$tls" --tls-cert "$W/cert.pem" --tls-key "$W/key.pem"
	rm -rf "$W/state" "$W/archive"
	OUTPUT_YAML="  - {name: out, ca_file: $W/cert.pem, url: \"https://127.0.0.1:$tls\", $2}"
	conf
	began=$(date +%s%N)
	run
	has_all() { curl -sf "$SIM/sim/report" | jq -e "$1 and .listed.records > 0" >/dev/null; }
	until_true 300 has_all "$3"
	awk -v what="$1" -v n="$(curl -sf "$SIM/sim/report" | jq "$4")" -v peak="$(awk '/VmHWM/ { print $2 }' "/proc/$RUN_PID/status")" \
	    -v hz="$(getconf CLK_TCK)" -v ns=$(($(date +%s%N) - began)) '{ printf "whole process, blob to gzipped %s over TLS: %.1f us of CPU an event, %.0f events/s, peak %.1f MiB, %d events\n",
	    what, ($14 + $15) / hz * 1e6 / n, n / ns * 1e9, peak / 1024, n }' "/proc/$RUN_PID/stat"
	sleep 3
	awk '/VmRSS/ { printf "idle with five feeds: %.1f MiB\n", $2 / 1024 }' "/proc/$RUN_PID/status"
	end_story
}
whole Bulk "type: bulk, schema: ecs" '.bulk.missing == 0' .bulk.documents
whole HEC "type: hec, token: \"file:$W/token\"" '.hec.tokens.plain.missing == 0' .hec.tokens.plain.events
whole "HEC with acknowledgements" "type: hec, token: \"file:$W/acks\"" '.hec.tokens.acks.missing == 0' .hec.tokens.acks.events
"$BENCH"/bench_seen "${BENCH_SEEN_IDS:-20000000}" 300
backlog
