# D18: several requests under way, the first is answered last; then a kill in between. What is answered is done, the rest is not.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
BATCH=40KB BULK_MORE=', concurrency: 4' HEC_MORE=', concurrency: 4'
sim --records 1200 --fault bulk-hang:3:3 --fault hec-hang:3:3
all_sinks
run
must "answers wait" until_true 15 eval 'was_hit bulk-hang && was_hit hec-hang'
overtaken() { report | jq -e '.bulk.requests > 6 and .hec.tokens.plain.requests > 4' >/dev/null; }
must "later requests overtake them" until_true 10 overtaken
stop KILL
curl -sf -o /dev/null -X POST "$SIM/sim/sender-died?last=4"
clear_fault all
run
must "after the kill everything arrives" until_true 30 sinks_whole
must "Elasticsearch met what was under way again" jq -e '.bulk.created_twice == 0' "$W/report.json" >/dev/null
must "no gap, no dead letter" eval 'no_gaps && no_dead'
stop
