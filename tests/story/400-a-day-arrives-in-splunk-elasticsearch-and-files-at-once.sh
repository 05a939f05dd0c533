# short
# A mixed day to four destinations at once, Splunk with and without acknowledgements among them: each whole, none twice, and
# Splunk's bytes are Microsoft's own.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 3000 --seed 11
all_sinks
once
must "it ends with 0" test "$RC" = 0
must "every destination has everything once" sinks_whole
must "nothing is twice at Splunk" test "$(hec_twice)" = 0
must "all that was taken was acknowledged" jq -e '.hec.acks | .given > 0 and .told_true == .given' "$W/report.json" >/dev/null
must "each is at Splunk under its sourcetype and time" jq -e '.hec | .without_time == 0 and .without_channel == 0 and
    .form_requests == 0' "$W/report.json" >/dev/null
must "nothing is told that must not be" tells_nothing
once
must "a second run adds nothing" sinks_whole
