# Retry-After in every form is waited for, between one second and one hour; without it, pauses grow; 500 to 504 are asked again for ever.
# Meanwhile no mark moves, and nothing is lost.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
# shellcheck source=tests/story/lib_lies.sh disable=SC2154
. "$here/lib_lies.sh"
sim --now 2026-11-23T08:00:00 --clock-rate 1200 --subscribed --records 500 --days 0.5 --graph-rows 500 --graph-late 0 --graph-change 0
simulated_time
INTERVAL=60s graph_conf "audit.exchange, audit.general, signin.interactive" "{interval: 60s, idle_interval: 60s}"
run
whole() { complete && graph_whole; }
must "the day before arrives" until_true 30 whole

# Seconds of the tenant from the scripted answer to the next request for the same.
paused() {
	curl -sf "$SIM/sim/log" | jq --arg w "$1" '[.[] | select(.request | contains($w))] | (map(.kind) | rindex("scripted")) as $i |
	    if $i == null or .[$i + 1] == null then empty else [.[$i + 1].at, .[$i].at] | map(.[0:19] + "Z" | fromdate) | .[0] - .[1] end'
}
both_asked() { AUDIT=$(paused Audit.General) SIGNIN=$(paused signIns) && [ -n "$AUDIT" ] && [ -n "$SIGNIN" ]; }	# kept: the log is a ring
waits() {	# waits LEAST MOST HEADERS: what was waited, as said in the log, and not a second less on the wire
	local before line ms what
	before=$(wc -l <"$W/log")
	says Audit.General times=1 "$(answer 429 text/plain "$3" 'later')"
	says signIns times=1 "$(answer 429 text/plain "$3" 'later')"
	until_true 30 both_asked || fail "asked again after: $3"
	for what in "Microsoft throttles the tenant" "Graph throttles the reporting service"; do
		line=$(tail -n +$((before + 1)) "$W/log" | grep -m 1 "throttled: .*$what")
		ms=$(sed -E 's/.*ms=([0-9]+).*/\1/' <<<"$line")
		[ -n "$line" ] && [ "$ms" -ge $(($1 * 1000)) ] && [ "$ms" -le $(($2 * 1000)) ] ||
			fail "$3: pause of ${ms:-no} ms, not $1 to $2 s: $what"
	done
	[ "$AUDIT" -ge "$1" ] || fail "$3: Audit.General was asked again after $AUDIT s, not $1"
	[ "$SIGNIN" -ge "$1" ] || fail "$3: signIns was asked again after $SIGNIN s, not $1"
	says_no_more
	until_true 30 recovered || fail "recovered after: $3"	# the pauses without Retry-After begin small again
}
recovered() { feed_says audit.general ok && feed_says signin.interactive ok; }
in_20_min() { date -ud "$(sim_now | cut -c1-19)Z + ${1:-20} minutes" '+%a, %d %b %Y %H:%M:%S GMT'; }
now_http() { in_20_min 0; }
waits 300 500 'Retry-After: 300\r\n'
waits 1 155 'Retry-After: 0\r\n'
waits 0 605 'Retry-After: -5\r\n'
waits 3600 3755 'Retry-After: 315360000\r\n'
waits 3600 3755 'Retry-After: 99999999999999999999999999\r\n'
waits 1199 1360 "Date: $(now_http)\r\nRetry-After: $(in_20_min)\r\n"
waits 1 155 'Date: Mon, 23 Nov 2026 09:00:00 GMT\r\nRetry-After: Mon, 23 Nov 2026 08:59:00 GMT\r\n'
waits 3600 3755 'Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n'
waits 0 605 'Retry-After: soon\r\n'
waits 0 605 'Retry-After: 1.5e9\r\n'
waits 0 605 'Retry-After:\r\n'
waits 0 605 ''
waits 120 280 'retry-after:   120\r\n'

# Nothing but refusals for an hour, of each kind: some requests an hour, and no mark moves.
storm() {	# storm SECONDS-FROM-NOW FAULT...
	local asked until before
	curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=20" >/dev/null
	for one in "$@"; do fault "$one"; done
	sleep 0.3
	before=$(listed_to audit.general) asked=$(requests)
	until=$(date -ud "$(sim_now | cut -c1-19)Z + 60 minutes" +%Y-%m-%dT%H:%M:%S)
	must "an hour of $* passes" until_true 20 eval "[[ \$(sim_now) > $until ]]"
	asked=$(($(requests) - asked))
	must "no mark moved through $*" test "$(listed_to audit.general)" = "$before"
	must "in an hour of $* it asked $asked times" test "$asked" -le 150
	clear_fault all
	must "afterwards all arrives: $*" until_true 60 whole
}
requests() { report | jq '[.requests | .content, .blob, .signIns | .n // 0] | add'; }
storm throttle-429 graph-429:100
storm list-500 blob-500:100 graph-500:100
storm list-503-html graph-504:100
for status in 502 504; do
	says contentType times=-1 "$(answer $status text/html '' '<html>bad gateway</html>')"
	must "$status is said" until_true 10 feed_says audit.general "$status"
	says_no_more
done
must "everything is there in the end" until_true 60 whole
stop
must "no gap" no_gaps
