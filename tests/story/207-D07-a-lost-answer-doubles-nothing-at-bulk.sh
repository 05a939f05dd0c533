# D7: the connection is reset after the request was taken and before its answer. The same bytes go again: Elasticsearch answers
# 409 and has it once; at HEC a second copy is possible, and then it is the same bytes.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
BATCH=60KB
sim --records 800 --fault bulk-reset-after-read:40 --fault hec-reset-after-read:30 --fault hec-500-stored:20
all_sinks
run
must "answers were lost" until_true 30 eval 'was_hit bulk-reset-after-read 3 && was_hit hec-reset-after-read 3 && was_hit hec-500-stored 2'
mended
must "everything arrives" until_true 40 sinks_whole
must "Elasticsearch met them again" jq -e '.bulk.duplicates_409 > 0' "$W/report.json" >/dev/null
must "copies at HEC are of lost answers, byte for byte" jq -e '.hec.tokens.plain | .twice_in_lost_answers > 0 and .twice_otherwise == 0 and .twice_changed == 0' "$W/report.json" >/dev/null
must "no dead letter" no_dead
must "no secret and no record was logged" tells_nothing
stop
