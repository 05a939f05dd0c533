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

# The whole process, from blob to gzipped Bulk over TLS (and the files beside it).
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$W/key.pem" -out "$W/cert.pem" -days 2 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' >/dev/null 2>&1
tls=$(( 20000 + $$ % 20000 ))
sim --records "$records" --odd 0 --tls-port "$tls" --tls-cert "$W/cert.pem" --tls-key "$W/key.pem"
rm -rf "$W/state" "$W/archive"
INTERVAL=20s
BULK="https://127.0.0.1:$tls" BULK_MORE=", ca_file: $W/cert.pem"
conf
sed -i '/name: archive/d' "$W/c.yaml"
run
done_all() { curl -sf "$SIM/sim/report" | jq -e '.bulk.missing == 0 and .listed.records > 0' >/dev/null; }
until_true 300 done_all
awk -v n="$(curl -sf "$SIM/sim/report" | jq .bulk.documents)" -v peak="$(awk '/VmHWM/ { print $2 }' "/proc/$RUN_PID/status")" \
    -v hz="$(getconf CLK_TCK)" '{ printf "whole process, blob to gzipped Bulk over TLS: %.1f us of CPU an event, peak %.1f MiB, %d events\n",
    ($14 + $15) / hz * 1e6 / n, peak / 1024, n }' "/proc/$RUN_PID/stat"
sleep 6
awk '/VmRSS/ { all = $2 } /RssFile/ { file = $2 } END { printf "idle with five feeds: %.1f MiB, %.1f of it pages of files (the program, its libraries)\n",
    all / 1024, file / 1024 }' "/proc/$RUN_PID/status"
end_story
"$BENCH"/bench_seen "${BENCH_SEEN_IDS:-20000000}" 300
backlog
