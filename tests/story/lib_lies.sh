# shellcheck shell=bash
# What the stories of a lying upstream share: answers word for word (doc/simulator.md, POST /sim/answer).

# says WORD QUERY TEXT: requests with WORD in their target get TEXT, in which \r, \n and \xNN are bytes.
says() { printf '%b' "$3" | says_bytes "$1" "$2"; }
says_bytes() { curl -sf -X POST --data-binary @- "$SIM/sim/answer?to=$1&$2" >/dev/null || fail "answer to $1"; }
says_no_more() { curl -sf -X POST "$SIM/sim/answer?clear=1" >/dev/null; }
answered() { curl -sf "$SIM/sim/links" | jq .answered; }
told() { [ "$(answered)" -ge "$1" ]; }		# told N: so many scripted answers were given

# A whole answer with a body. answer STATUS TYPE HEADERS BODY: HEADERS each with \r\n
answer() { printf 'HTTP/1.1 %s X\\r\\nContent-Type: %s\\r\\n%sContent-Length: %s\\r\\n\\r\\n%s' "$1" "$2" "$3" "$(printf '%b' "$4" | wc -c)" "$4"; }

counter() { ask status --json | jq --arg k "$1" '[.counters | to_entries[] | select(.key | startswith($k)) | .value] | add // 0'; }
feed_why() { ask status --json | jq -r --arg f "$1" '[.. | objects | select(.feed? == $f)][0] | "\(.state): \(.why // .reason // .error)"'; }
feed_says() { [[ $(feed_why "$1") == *"$2"* ]]; }	# feed_says FEED PART
listed_to() { ask status --json | jq -r --arg f "$1" '[.sources[] | select(.feed == $f) | .listed_to][0]'; }

# Another tenant, on a simulator of its own, that nothing of this may disturb: other_tenant CLOCK-RATE, before sim; other_joins, after conf.
other_tenant() {
	OTHER=99999999-2222-4333-8444-555555555555
	sim --now 2026-11-23T08:00:00 --clock-rate "$1" --subscribed --records 0 --rate 0.05 --seed 2 --tenant $OTHER
	OTHER_SIM=$SIM OTHER_PID=$SIM_PID
}
other_joins() {
	cp "$W/secret" "$W/other"
	sed -i "/^outputs:/i\\
  - name: fabrikam\\
    id: $OTHER\\
    cloud: custom\\
    endpoints: {login: \"$OTHER_SIM\", management: \"$OTHER_SIM\"}\\
    auth: {client_id: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, client_secret: \"file:$W/other\"}\\
    feeds: [audit.general]" "$W/c.yaml"
}
others() { curl -sf "$OTHER_SIM/sim/report" | jq .fetched.sound_records; }
others_more() { [ "$(others)" -gt "$1" ]; }
# Beside another tenant, whose records this oracle does not know: of ours none is missing, and none is there twice.
arrived() {
	report >"$W/report.json" && jq -e '.bulk.missing == 0 and .bulk.created_twice == 0 and .files.missing == 0 and .files.twice == 0 and
	    .files.torn == 0 and .listed.records > 0' "$W/report.json" >/dev/null
}

# A port of loopback that is free: $FRONT. What stands behind it may change, the address does not.
door() { FRONT=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'); }

# The story's world once more, without the judge of links, in a state and an archive of its own: what the story looks for must be seen there.
without_judge() {
	mv "$W/state" "$W/state.judged"
	mv "$W/archive" "$W/archive.judged"
	world
	JUDGED=$M365FWD
	M365FWD=$(dirname "$JUDGED")/tests/kit/m365fwd-gullible
	run
}
judge_is_back() {
	stop KILL
	M365FWD=$JUDGED
	rm -rf "$W/state" "$W/archive"
	mv "$W/state.judged" "$W/state"
	mv "$W/archive.judged" "$W/archive"
}
