# D10: 200 with a reply that is cut, giant, empty, short of items, or a proxy's HTML page: nothing is believed, the same goes again.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 300 --fault bulk-html-200:100:2 --fault hec-html-200:100:3
all_sinks
run
must "HTML was met" until_true 15 eval 'was_hit bulk-html-200 2 && was_hit hec-html-200 2'
clear_fault all
kill -HUP "$RUN_PID"
must "everything arrives" until_true 30 sinks_whole
must "a page is no second copy" test "$(hec_twice)" = 0
round() {	# round BULK-FAULT HEC-FAULT
	[ "$1" = - ] || fault "$1"
	[ "$2" = - ] || fault "$2"
	more 60 Audit.Exchange
	must "$1 was met" eval "[ '$1' = - ] || until_true 15 was_hit ${1%%:*}"
	must "$2 was met" eval "[ '$2' = - ] || until_true 15 was_hit ${2%%:*}"
	mended
	must "$1, $2: everything arrives" until_true 30 sinks_whole
}
round bulk-cut-reply:100:1 hec-cut-reply:100:2
round bulk-short-items:100:1 hec-empty-reply:100:2
round bulk-giant-reply:64:1 hec-giant-reply:64:2
round - hec-bad-number:1000000:2
round - hec-status:502:2
round - hec-reset-before:100:2
must "Elasticsearch was asked again with the same _id" jq -e '.bulk.duplicates_409 > 0' "$W/report.json" >/dev/null
must "copies at HEC are of lost answers only" jq -e '[.hec.tokens[].twice_otherwise] == [0, 0]' "$W/report.json" >/dev/null
must "a giant reply costs no memory" test "$(awk '/VmHWM/ {print $2}' "/proc/$RUN_PID/status")" -lt 98304
must "no dead letter" no_dead
must "no secret and no record was logged" tells_nothing
stop
