# kill -9 at random moments while it catches up through faults; the oracle is the judge. KILLS=300 is the full form.
sim --records 20000 --rate 40 --fault blob-500:10 --fault blob-truncate:10 --fault bulk-item-429:5 --fault bulk-reset-after-read:10 \
    --fault list-500:5
RPM=20000
conf
kills=${KILLS:-25}
for i in $(seq "$kills"); do
	run
	sleep "$(awk -v seed="$i" 'BEGIN { srand(seed); printf "%.3f", 0.05 + rand() * 1.2 }')"
	stop KILL
done
curl -sf -X POST "$SIM/sim/rate?set=0" >/dev/null || curl -sf -X POST "$SIM/sim/rate?rate=0" >/dev/null || :
clear_fault all
once 240s
must "run --once ends with 0 after $kills kills" test "$RC" = 0
must "nothing is missing, twice or torn" complete
must "the tallies agree" tallies
jq -r --arg n "$kills" '"    \($n) kills: \(.bulk.documents) documents, missing \(.bulk.missing), twice \(.bulk.created_twice); files: " +
    "\(.files.lines) lines, missing \(.files.missing), twice \(.files.twice), torn \(.files.torn)"' "$W/report.json"
