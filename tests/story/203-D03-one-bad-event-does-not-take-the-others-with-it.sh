# D3: events that are refused for what they are. HEC names them by number (codes 6, 12, 13 and 15), or, in imitations,
# says only that something is wrong: then the request is halved until the bad one stands alone.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 500 --fault hec-poison:2 --fault bulk-item-400:2
all_sinks
run
others() { sinks_whole && jq -e '.hec.tokens | .plain.refused > 0 and .acks.refused > 0' "$W/report.json" >/dev/null; }
must "everything else arrives everywhere" until_true 30 others
letters() {	# OUTPUT TOKEN
	[ "$(dead_count "$1")" = "$(report | tee "$W/report.json" | jq ".hec.tokens.$2.refused")" ]
}
must "the refused are dead letters of that output" until_true 10 letters splunk plain
must "... and of the one with acknowledgements" until_true 10 letters splunk-acks acks
must "none came twice" test "$(hec_twice)" = 0
must "they are dead there and only there" jq -e '.files.missing == 0 and .files.due == .hec.tokens.plain.matched + .hec.tokens.plain.refused' "$W/report.json" >/dev/null
fault hec-poison:5
for code in 12 13 15; do
	fault "hec-poison-code:$code"
	more 100 Audit.SharePoint
	seen() { others && jq -e ".hec.codes.\"$code\" > 0" "$W/report.json" >/dev/null; }
	must "code $code" until_true 20 seen
done
clear_fault hec-poison-code
fault hec-poison:4
fault hec-no-number
more 120 Audit.General
halved() { others && was_hit hec-no-number; }
must "without a number the bad one is found by halving" until_true 40 halved
must "the dead letters agree" until_true 10 letters splunk plain
must "none came twice" test "$(hec_twice)" = 0
must "no secret and no record was logged" tells_nothing
stop
