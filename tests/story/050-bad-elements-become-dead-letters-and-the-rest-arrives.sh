# Broken elements, bombs, HTML and cut bodies: one clear outcome each.
sim --records 1000 --fault blob-bad-element --fault blob-bomb:300 --fault blob-html-200:8 --fault blob-not-array:8 \
    --fault blob-truncate:8 --fault list-html-200:10
conf
run
sound() { report >"$W/report.json" && jq -e '.bulk.missing == 0 and .files.missing == 0 and .files.torn == 0 and .bulk.created_twice == 0 and .listed.records > 0' "$W/report.json" >/dev/null; }
must "everything sound arrives" until_true 120 sound
ask dead list --json >"$W/dead.json"
must "bad elements are dead letters" test "$(jq -s 'map(select(.output == "-")) | length' "$W/dead.json")" -gt 0
must "each says what it is" jq -se 'all(.reason | test("^(not-json|not-object|too-large)"))' "$W/dead.json" >/dev/null
must "those that have an Id are listed with it" jq -se 'map(select(.output == "-" and .record_id != "-")) | length > 0' "$W/dead.json" >/dev/null
one=$(jq -r 'select(.output == "-") | .id' "$W/dead.json" | head -n 1)
must "dead show prints one" grep -q . <<<"$(ask dead show "$one")"
peak=$(awk '/VmHWM/ { print $2 }' "/proc/$RUN_PID/status")
must "a bomb takes no memory (peak $peak KiB)" test "$peak" -lt 65536
stop
