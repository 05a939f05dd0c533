# D1: 429 and 503, with and without Retry-After, for whole requests: back-off, the spool keeps all, nothing is dropped.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 600 --fault bulk-429-retry-after:1:2 --fault hec-429-retry-after:1:2
all_sinks
run
must "429 with Retry-After was met" until_true 10 eval 'was_hit bulk-429-retry-after 2 && was_hit hec-429-retry-after 2'
fault bulk-503:60
fault hec-code:9
more 300
must "503 was met" until_true 15 eval 'was_hit bulk-503 && was_hit hec-code'
must "an output says that it backs off" until_true 10 eval 'is_state splunk back || is_state elastic back'
for code in 23 26 27; do
	fault "hec-code:$code:1"
	kill -HUP "$RUN_PID"
	must "code $code was met" until_true 10 eval "[ \"\$(report | jq '.hec.codes.\"$code\" // 0')\" -ge 1 ]"
done
mended
must "all outputs get everything, none twice" until_true 40 sinks_whole
must "the Retry-After was waited for" jq -e '.requests.hec.n < 200 and .requests.bulk.n < 200' "$W/report.json" >/dev/null
must "no second copy at HEC at all" test "$(hec_twice)" = 0
must "no dead letter" no_dead
# Busy in the middle of a request: what stands before the number is taken, and only the rest goes again.
fault hec-busy:70:8
more 300 Audit.SharePoint
more 200 Audit.General
parts() { sinks_whole && was_hit hec-busy 3; }
must "a part was taken, the rest later" until_true 40 parts
must "and nothing of the part again" test "$(hec_twice)" = 0
clear_fault all
kill -HUP "$RUN_PID"
# 24 and 25 are accepted, and a wish to slow down.
fault hec-code:24:3
more 60
slowed() { sinks_whole && jq -e '.hec.codes."24" > 0' "$W/report.json" >/dev/null; }
must "code 24 is taken as delivered" until_true 40 slowed
must "and nothing was sent again" test "$(hec_twice)" = 0
must "no secret and no record was logged" tells_nothing
stop
