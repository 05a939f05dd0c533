# Killed while requests are out whose answers never come; then a rollover, after which every _id would be taken again. What was
# marked as sent is asked for by id first.
sim --records 3000 --fault bulk-hang:60 --fault bulk-stale-search
conf
taken() { report | jq -e '.bulk.documents > 0' >/dev/null; }
run
must "records arrive, and no answer comes" until_true 20 taken
stop KILL
before=$(report | jq .bulk.documents)
fault bulk-rollover
clear_fault bulk-hang
once
must "run --once ends with 0" test "$RC" = 0
must "nothing is missing, nothing is there twice" complete
must "it asked and says so" grep -q 'output-found\|arrived before, not sent again' "$W/log"
must "the tallies agree" tallies
printf '    documents before the kill: %s, after: %s, twice: %s\n' "$before" "$(jq .bulk.documents "$W/report.json")" \
    "$(jq .bulk.created_twice "$W/report.json")"
