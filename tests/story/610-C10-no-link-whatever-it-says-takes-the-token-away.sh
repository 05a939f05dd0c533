# Every link of tests/hostile-urls.txt as contentUri, as NextPageUri and as nextLink: refused and counted each time, nobody else hears a
# byte, and the rest arrives. Without the judge of links the other host hears the token.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
# shellcheck source=tests/story/lib_lies.sh
. "$here/lib_lies.sh"
world() {	# a tenant whose links are hostile until all were shown, and a host that is not ours
	sim --now 2026-11-23T08:00:00 --clock-rate 2400 --subscribed --records 800 --blob-size 2 --page-size 30 --graph-rows 4000 --graph-page 20 \
	    --graph-late 0 --graph-change 0 --days 0.5
	simulated_time
	perl "$here/ear.pl" "$W/heard" 0 "127.0.0.2:${SIM##*:}" "::1:${SIM##*:}" 2>>"$W/ear.log" &
	EAR_PID=$!
	must "the other host listens" until_true 10 test -s "$W/heard.port"
	trap=127.0.0.1:$(cat "$W/heard.port")
	links content c; links next n; links graph g
	INTERVAL=30m graph_conf "audit.exchange, audit.sharepoint, audit.entra, audit.general, audit.dlp, $SIGNINS"
}
links() {	# links WHERE LETTER
	awk -F'\t' -v l="$2" -v t="$trap" '/^[cng]/ && $1 ~ l { gsub("{TRAP}", t, $2); print $2 }' "$here/../hostile-urls.txt" |
	    curl -sf -X POST --data-binary @- "$SIM/sim/links?in=$1" >/dev/null || fail "links in $1"
}
shown() { curl -sf "$SIM/sim/links" >"$W/links" && jq -e '[.content, .next, .graph] | all(.used == .all and .all >= 60)' "$W/links" >/dev/null; }
refused() { ask status --json | jq -r --arg k "security_rejections_total{$1}" '.counters[$k] // 0'; }
counted() {	# every one that was shown
	[ "$(refused content-uri)" = "$(jq .content.all "$W/links")" ] && [ "$(refused next-page)" = "$(jq .next.all "$W/links")" ] &&
	    [ "$(refused next-link)" = "$(jq .graph.all "$W/links")" ]
}
end_world() { kill "$EAR_PID"; wait "$EAR_PID" 2>/dev/null; rm -f "$W/heard.port"; }

world
run
must "every hostile link is shown" until_true 120 shown
must "each is refused and counted" until_true 20 counted
must "then everything arrives" until_true 120 complete
must "of Graph too" until_true 120 graph_whole
must "the other host heard nothing" test ! -s "$W/heard"
must "nobody was asked for any of them" jq -e '.hostile_asked == 0' <<<"$(curl -sf "$SIM/sim/links")" >/dev/null
printf '    %s, %s and %s links refused, %s bytes heard elsewhere\n' "$(refused content-uri)" "$(refused next-page)" "$(refused next-link)" \
    "$(stat -c %s "$W/heard")"
stop
must "no log line holds more than one link" test "$(grep -c 'X-Evil\|^Host:' "$W/log")" = 0
end_world
end_story

without_judge
heard_token() { grep -qa '^Authorization: Bearer' "$W/heard"; }
must "without the judge the token is heard" until_true 60 heard_token
hostile_asked() { jq -e '.hostile_asked > 0' <<<"$(curl -sf "$SIM/sim/links")" >/dev/null; }
must "and hostile paths are asked for" until_true 60 hostile_asked
judge_is_back
end_world
