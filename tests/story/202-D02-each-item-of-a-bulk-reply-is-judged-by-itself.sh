# D2: 200 with errors: 201, 409, 429, 503 and 400 side by side. 409 on our own _id is delivered, 429 and 5xx go again alone,
# 400 is a dead letter.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 1500 --fault bulk-item-429:5 --fault bulk-item-500:5 --fault bulk-item-400:5 --fault bulk-reset-after-read:30
sinks_conf elastic archive
run
all_kinds() { report >"$W/report.json" && jq -e '.bulk.refused > 0 and .bulk.duplicates_409 > 0 and .bulk.documents > 100' "$W/report.json" >/dev/null &&
    was_hit bulk-item-429 && was_hit bulk-item-500; }
must "all kinds of items were met" until_true 30 all_kinds
clear_fault bulk-item-429
clear_fault bulk-item-500
clear_fault bulk-reset-after-read
kill -HUP "$RUN_PID"
must "everything but the refused arrives" until_true 30 sinks_whole
letters() { [ "$(dead_count elastic)" = "$(jq .bulk.refused "$W/report.json")" ]; }
must "each refused record is a dead letter, and nothing else" until_true 10 letters
must "dead letters tell the reason" eval 'ask dead list --json | jq -se "all(.reason | test(\"document_parsing|400\"))" >/dev/null'
must "no output is held up" until_true 10 is_state elastic idle
must "no secret and no record was logged" tells_nothing
stop
