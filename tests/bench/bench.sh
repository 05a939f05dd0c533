#!/bin/sh
# What "make bench" prints: ratios first, one run on one machine.
set -eu
"$BENCH"/bench_norm
[ -n "${BENCH_QUICK:-}" ] || "$BENCH"/bench_seen "${BENCH_SEEN_IDS:-20000000}" 300
