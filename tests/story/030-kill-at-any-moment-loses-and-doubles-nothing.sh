# kill -9 at random moments while it catches up through faults, in real time; the oracle is the judge. KILLS=300 is the full form;
# tests/kill.sh kills the same way in simulated time, and at named points.
# shellcheck source=tests/story/lib_kill.sh disable=SC2154
. "$here/lib_kill.sh"
sim --records 20000 --rate 40 "${REAL_FAULTS[@]}"
RPM=20000
conf
RANDOM=1
kills=${KILLS:-25}
for _ in $(seq "$kills"); do
	live_at_random 1200
done
live_records 0
clear_fault all
once 240s
must "run --once ends with 0 after $kills kills" test "$RC" = 0
must "nothing is missing, twice or torn" complete
must "the tallies agree" tallies
jq -r --arg n "$kills" '"    \($n) kills: \(.bulk.documents) documents, missing \(.bulk.missing), twice \(.bulk.created_twice); files: " +
    "\(.files.lines) lines, missing \(.files.missing), twice \(.files.twice), torn \(.files.torn)"' "$W/report.json"
