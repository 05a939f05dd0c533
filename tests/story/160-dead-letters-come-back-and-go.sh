# short. Refused records are dead letters; mended, they are tried again and arrive once; dropped, they leave a gap. With a daemon
# and without one; and dead letters at their cap hold the output that refuses, while the other one goes on.
sim --records 1500 --fault bulk-item-400:10
conf
once
must "run --once ends with 0" test "$RC" = 0
n=$(ask dead list --json | wc -l)
must "there are dead letters" test "$n" -gt 20
must "the export has every record" test "$(ask dead export | jq -r .record | wc -l)" = "$n"
must "show says what the cluster said" grep -q 'document_parsing_exception' <<<"$(ask dead show "$(ask dead list --json | head -n 1 | jq .id)")"
must "no such number" test "$(ask dead show 999999 >/dev/null; echo $?)" = 64

clear_fault all
must "one is tried again, without a daemon" grep -q '^1 dead letter in the spool again' <<<"$(ask dead retry "$(ask dead list --json | head -n 1 | jq .id)")"
must "the others of another output are none" grep -q '^0 dead letters' <<<"$(ask dead retry all --output archive)"
run
daemon() { ask status --json >"$W/status.json" && jq -e .outputs "$W/status.json" >/dev/null; }
must "the daemon answers" until_true 20 daemon
must "the rest is tried again, by the daemon" grep -q "^$((n - 1)) dead letters in the spool again" <<<"$(ask dead retry all)"
must "everything arrives, once" until_true 60 complete
must "none is left" test -z "$(ask dead list --json)"
stop

fault bulk-item-400:100
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=400" >/dev/null
echo 'dead_letters: {max: 64KiB}' >>"$W/c.yaml"
run
held() { ask status --json >"$W/status.json" && grep -q '"dead letters are at their cap' "$W/status.json"; }
some_dead() { ask status --json >"$W/status.json" && jq -e '.store.spool.dead_bytes > 65536' "$W/status.json" >/dev/null; }
must "the first fill it" until_true 30 some_dead
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=40" >/dev/null
must "at the cap the output holds" until_true 60 held
files_complete() { report >"$W/report.json" && jq -e '.files.missing == 0 and .files.twice == 0 and .listed.records >= 1940' "$W/report.json" >/dev/null; }
must "and the other one is complete" until_true 30 files_complete
clear_fault all
must "some are dropped" grep -q 'dead letters* dropped' <<<"$(ask dead drop all)"
idle() { ask status --json >"$W/status.json" && jq -e '.store.spool.records == 0' "$W/status.json" >/dev/null; }
must "room lets it go on" until_true 120 idle
must "what was dropped is a gap of that output" grep -q 'elastic.*dead-letters-dropped' <<<"$(ask gaps --json)"
must "the tallies agree" tallies
stop
