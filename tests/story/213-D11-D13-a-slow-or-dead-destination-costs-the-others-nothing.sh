# D11: a destination that needs seconds for an answer: few requests are under way, the rest waits in the spool. D13: one that
# is dead. The others are complete meanwhile, and both catch up.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
BATCH=40KB
sim --records 1500 --fault bulk-hang:2 --fault hec-down
all_sinks
run
archive_whole() { report >"$W/report.json" && sink_whole archive && jq -e '.files.due >= 1300' "$W/report.json" >/dev/null; }
must "the archive is complete while the others are slow and dead" until_true 30 archive_whole
must "the slow one is slow" jq -e '.bulk.missing > 300' "$W/report.json" >/dev/null
must "the dead one got nothing" jq -e '[.hec.tokens[].events] == [0, 0]' "$W/report.json" >/dev/null
sleep 3
# In 2 s two requests can be answered, not twenty.
must "few requests are under way" eval 'report | jq -e ".bulk.requests < 40" >/dev/null'
must "the dead one backs off" is_state splunk back
must "and is not hammered" eval 'report | jq -e ".requests.hec.n < 60" >/dev/null'
mended
must "both catch up" until_true 60 sinks_whole
must "no second copy" test "$(hec_twice)" = 0
must "no gap, no dead letter" eval 'no_gaps && no_dead'
stop
