# D4: 413 for a request: it is halved, and later ones are smaller. A record that is refused alone is a dead letter, and so is one
# over HEC's 5,000,000 bytes: there and only there.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 400 --odd 0 --big-record 6 --fault bulk-413:60000 --fault hec-413:60000
all_sinks
run
others() {	# the two giants are missing, but in the archive; at HEC the oracle does not expect them
	report >"$W/report.json" && sink_whole archive && sink_whole splunk && sink_whole splunk-acks && jq -e '.bulk.missing == 2 and
	    .bulk.created_twice == 0 and .hec.tokens.plain.too_big == 2 and .hec.tokens.acks.too_big == 2' "$W/report.json" >/dev/null
}
must "halved requests get through" until_true 40 others
must "413 was met" eval 'was_hit bulk-413 && was_hit hec-413'
letters() { [ "$(dead_count elastic) $(dead_count splunk) $(dead_count splunk-acks)" = "2 2 2" ]; }
must "the giants are dead letters, nothing else" until_true 20 letters
must "they say how large they are" eval 'ask dead list --json | jq -se "all(.reason | test(\"bytes|large|413\"))" >/dev/null'
mended
more 200 Audit.General
must "afterwards everything gets through" until_true 20 others
must "no second copy" test "$(hec_twice)" = 0
must "no secret and no record was logged" tells_nothing
stop
