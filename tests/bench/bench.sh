#!/bin/sh
# What "make bench" prints.
set -eu
"$BENCH"/bench_seen "${BENCH_SEEN_IDS:-20000000}" 300
