# D5, D6: a missing index, an index the token may not use, a blocked index; a token that is wrong, disabled or of somebody
# else. None of that is the record's fault: hold, one line, nothing dropped, and on it goes when it is mended.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 300
printf '33333333-3333-4444-5555-666666666666\n' >"$W/plain"
chmod 0600 "$W/plain"
all_sinks
run
must "a wrong token holds" until_true 15 is_state splunk hold
must "it is said once, with what to do" said 'splunk: holds.*code 4'
must "the others are not held up" until_true 30 eval 'report >"$W/report.json" && sink_whole elastic && sink_whole splunk-acks && sink_whole archive'
printf '%s\n' "$PLAIN_TOKEN" >"$W/plain"
must "a changed secret file releases it without a word from anybody" until_true 75 sinks_whole
round() {	# round CONTENT FAULT OUTPUT WORDS: new records meet it, the output holds, says so once, and gets them when it is mended
	local before
	before=$(grep -c -- "$4" "$W/log")
	fault "$2"
	more 40 "$1"
	must "$2: $3 holds" until_true 15 is_state "$3" hold
	sleep 1
	must "$2: one line" test "$(($(grep -c -- "$4" "$W/log") - before))" -eq 1
	mended
	must "$2: it arrives" until_true 15 sinks_whole
	# An acknowledgement may be awaited a moment longer.
	must "$2: nobody holds any more" until_true 10 eval '! { is_state splunk hold || is_state splunk-acks hold || is_state elastic hold; }'
}
round Audit.Exchange hec-wrong-index splunk 'splunk: holds.*code 7'
round Audit.SharePoint hec-code:1 splunk-acks 'splunk-acks: holds.*code 1:'
round Audit.SharePoint hec-code:2 splunk 'splunk: holds.*code 2:'
round Audit.General hec-303 splunk 'splunk: holds.*30[0-9]'
round Audit.Exchange bulk-401 elastic 'elastic: holds.*HTTP 401'
round Audit.SharePoint bulk-403 elastic 'elastic: holds.*HTTP 403'
round Audit.General bulk-404 elastic 'elastic: holds.*HTTP 404'
round Audit.Exchange bulk-item-403 elastic 'elastic: holds.*item 403'
round DLP.All bulk-item-404 elastic 'elastic: holds.*item 404'
must "no dead letter" no_dead
must "no gap" no_gaps
must "nothing was sent twice" test "$(hec_twice)" = 0
must "no secret and no record was logged" tells_nothing
stop
