#!/bin/bash
# Raw records from a folder of samples through the simulator: every distinct Id arrives once in both outputs.
# tests/story/samples.sh FOLDER TREE
set -u
here=$(cd "$(dirname "$0")" && pwd)
W=$(mktemp -d /tmp/m365fwd-samples.XXXXXX)
FAILED='' SIM_PID='' RUN_PID=''
M365FWD=$2/m365fwd M365SIM=$2/m365sim
# shellcheck source=tests/story/lib.sh
. "$here/lib.sh"
trap end_story EXIT
args=()
for f in "$1"/data/filebeat-o365/*.ndjson "$1"/data/panther-audit.ndjson "$1"/data/splunk-audit.ndjson "$1"/cases/R0[135].ndjson \
    "$1"/cases/R15.ndjson "$1"/cases/S01.ndjson; do
	[ -e "$f" ] && args+=(--events "$f")
done
sim --events-only "${args[@]}"
conf
once
must "run --once ends with 0" test "$RC" = 0
must "every distinct Id is in both outputs, once" complete
must "the tallies agree" tallies
jq -c '.listed, .bulk, .files' "$W/report.json"
[ -n "$FAILED" ] && { tail -n 5 "$W/log"; cat "$W/log" | grep -c poison; exit 1; }
rm -rf "$W"
