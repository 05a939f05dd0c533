# The cluster is dead and the spool is small: at its cap polling pauses, which is said, and the file output, which is not to blame,
# waits as well. When the cluster is back, polling goes on by itself and both get everything.
sim --records 9000 --fault bulk-503
SPOOL='max: 4MiB, reserve: 0MiB'
conf
run
status() { ask status --json >"$W/status.json"; }
paused() { status && jq -e '.daemon.paused' "$W/status.json" >/dev/null; }
must "polling pauses" until_true 60 paused
must "... and that is said, at 80 % already" test "$(grep -o 'spool-f[a-z]*:' "$W/log" | tr '\n' ' ')" = 'spool-filling: spool-full: '
must "the spool is not over its cap by more than what was under way" jq -e '.store.spool.bytes < 4194304 + 4194304' "$W/status.json" >/dev/null
sleep 3
n=$(curl -sf "$SIM/sim/report" | jq '.listed.pages')
sleep 5
must "nothing is asked for meanwhile" test "$(curl -sf "$SIM/sim/report" | jq '.listed.pages')" = "$n"
clear_fault all
must "everything arrives in both" until_true 120 eval 'complete && jq -e ".listed.records >= 9000" "$W/report.json" >/dev/null'
must "that polling goes on was said" grep -q 'spool-room' "$W/log"
must "no gap, no dead letter" test "$(ask gaps --json | wc -l) $(ask dead list --json | wc -l)" = '0 0'
must "the tallies agree" until_true 10 tallies
stop
