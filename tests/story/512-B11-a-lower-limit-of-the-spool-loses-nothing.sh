# A spool whose limit is lowered while it is over it keeps what it has, and goes on when that is delivered.
sim --records 9000 --fault bulk-503
SPOOL='max: 4MiB, reserve: 0MiB'
conf
paused() { ask status --json >"$W/status.json" && jq -e '.daemon.paused' "$W/status.json" >/dev/null; }
run
must "the spool is full" until_true 60 paused
stop
SPOOL='max: 1MiB, reserve: 0MiB'
conf
run
must "with a lower limit it is full as well" until_true 60 paused
must "... and keeps what it has" jq -e '.store.spool.bytes > 1048576' "$W/status.json"
clear_fault all
must "everything arrives in both" until_true 120 eval 'complete && jq -e ".listed.records >= 9000" "$W/report.json" >/dev/null'
must "no gap, no dead letter" test "$(ask gaps --json | wc -l) $(ask dead list --json | wc -l)" = '0 0'
stop
