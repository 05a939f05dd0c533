# An admin switched the subscriptions off: they are started again by themselves, and a gap says from when to when.
sim --records 500 --subscribed --rate 10
conf
run
must "the day before arrives" until_true 30 complete
fault sub-disabled
all_gaps() { ask gaps --json >"$W/gaps.json" && jq -se 'map(select(.reason == "subscription-disabled")) | length == 5 and (map(.feed) | unique | length == 5)' "$W/gaps.json" >/dev/null; }
must "all five are started again, each with its gap" until_true 80 all_gaps
must "a gap goes from the last listing to the start" jq -se 'all(.from < .to)' "$W/gaps.json" >/dev/null
before=$(jq .listed.records <<<"$(report)")
grew() { test "$(jq .listed.records <<<"$(report)")" -gt "$((before + 20))"; }
must "new records are listed again" until_true 30 grew
curl -sf -X POST "$SIM/sim/rate?rate=0" >/dev/null
must "and arrive" until_true 60 complete
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "the tallies agree" tallies
