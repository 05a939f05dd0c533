#!/bin/bash
# selftest_hec.sh - walks m365sim's HTTP Event Collector with curl: is it what doc/simulator.md says?

[ -n "$BASH_VERSION" ] || exec bash "$0" "$@"
# shellcheck source=tests/sim/selftest_lib.sh
. "$(dirname "$0")/selftest_lib.sh"
channel=0f0f0f0f-1111-4222-8333-444444444444
plain=22222222-3333-4444-5555-666666666666 acks=77777777-3333-4444-5555-666666666666

hec() {								# hec BODY [curl args]: to the token without acknowledgements
	local data=$1; shift
	ask -H "Authorization: Splunk $plain" -H 'Content-Type: application/json' "$base/services/collector/event" --data-binary "$data" "$@"
}
acked() {							# acked BODY [curl args]: to the one with
	local data=$1; shift
	ask -H "Authorization: Splunk $acks" -H "X-Splunk-Request-Channel: $channel" -H 'Content-Type: application/json' \
	    "$base/services/collector/event" --data-binary "$data" "$@"
}
poll() {							# poll IDS [curl args]
	local data="{\"acks\":[$1]}"; shift
	ask -H "Authorization: Splunk $acks" -H "X-Splunk-Request-Channel: $channel" "$base/services/collector/ack" -d "$data" "$@"
}
said() { jq -c '[.code, ."invalid-event-number", .ackId]' <"$dir/body"; }
is_true() { jq -r ".acks.\"$1\"" <"$dir/body"; }
became_true() { for _ in $(seq 100); do poll "$1" -b "$dir/jar"; [ "$(is_true "$1")" = true ] && return; sleep 0.02; done; return 1; }
token_report() { report ".hec.tokens.$1"; }

e() { printf '{"time":1764489600.5,"event":%s}' "$1"; }

cat >"$dir/events" <<'END'
{"Id":"aaaa0000-0000-4000-8000-000000000001","RecordType":6,"A" :[ 1,2 , {"b":"x: y, z"} ],"N":1.10e5}
{"Id":"aaaa0000-0000-4000-8000-000000000002","RecordType":6,"Workload":"SharePoint"}
{"RecordType":6,"NoId":true}
END
begin --events "$dir/events" --events-only --subscribed --hec-ack-ms 1
get_token
api "$root/subscriptions/content?$(window Audit.SharePoint)"
one='{"Id": "aaaa0000-0000-4000-8000-000000000001", "RecordType": 6, "A": [1, 2, {"b": "x: y, z"}], "N": 1.10e5}'
two='{"Id": "aaaa0000-0000-4000-8000-000000000002", "RecordType": 6, "Workload": "SharePoint"}'
none='{"RecordType": 6, "NoId": true}'

# --- the oracle ---
hec "$(e "$one")$(e "$two") $(e "$none")";	is "three events" "$status $(said)" "200 [0,null,null]"
is "all due, none missing, bytes as served" "$(token_report 'plain|[.due,.matched,.missing,.twice,.unexpected,.spacing,.differ]|tostring')" "[3,3,0,0,0,0,0]"
is "the other token's are missing" "$(token_report 'acks|[.due,.missing]|tostring')" "[3,3]"
hec "$(e "$one")";				is "again: twice, and no answer was lost" "$(token_report 'plain|[.twice,.twice_in_lost_answers,.twice_otherwise,.twice_changed]|tostring')" "[1,0,1,0]"
hec "{\"time\":1,\"event\":$one}";		is "with another envelope: changed" "$(token_report 'plain|[.twice_otherwise,.twice_changed]|tostring')" "[2,1]"
curl -s -X POST -o /dev/null "$base/sim/reset-sink"; is "reset-sink" "$(token_report 'plain|[.events,.missing,.twice]|tostring')" "[0,3,0]"
hec "$(e "${one//\": /\":}")";			is "other white space" "$(token_report 'plain|[.missing,.spacing,.differ]|tostring')" "[2,1,0]"
hec "$(e "${two/SharePoint/OneDrive}")";	is "other bytes" "$(token_report 'plain|[.missing,.spacing,.differ]|tostring')" "[1,1,1]"
hec "$(e '{"Id": "never-listed"}')";		is "a stranger" "$(token_report 'plain.unexpected_ids|tostring')" '["never-listed"]'

# --- what Splunk says ---
url=$base/services/collector/event
ask "$url" -d x;				is "no token" "$status $(said)" "401 [2,null,null]"
ask -H "Authorization: Bearer $plain" "$url" -d x; is "not Splunk" "$status $(said)" "401 [3,null,null]"
ask -H "Authorization: Splunk $channel" "$url" -d x; is "unknown token" "$status $(said)" "403 [4,null,null]"
ask "$url?token=$plain" -d x;			is "token in the query" "$status $(said)" "400 [16,null,null]"
hec '';						is "nothing" "$status $(said)" "400 [5,null,null]"
hec "$(e 1)garbage";				is "bad format" "$status $(said)" "400 [6,1,null]"
hec "[$(e 1)]";					is "a list" "$status $(said)" "400 [6,0,null]"
hec "$(e 1)$(e 2){\"time\":1}";			is "no event" "$status $(said)" "400 [12,2,null]"
hec "$(e 1)$(e '"  "')";			is "blank event" "$status $(said)" "400 [13,1,null]"
hec '{"event":1,"fields":{"a":{"b":1}}}';	is "nested field" "$status $(said)" "400 [15,0,null]"
hec '{"event":1,"fields":{"a":["b","c"]}}';	is "list in a field" "$status $(said)" "200 [0,null,null]"
hec '{"event":1,"time":"soon"}';		is "no time" "$status $(said)" "400 [6,0,null]"
hec '{"evnt":1}';				is "unknown key alone" "$status $(said)" "400 [5,null,null]"
n=$(token_report plain.events)
hec "$(e 1){\"event\":2,\"extra\":1}$(e 3)";	is "unknown key: 200" "$status" 200
is "and it and the rest are gone" "$(($(token_report plain.events) - n)) $(report .hec.unknown_keys)" "1 2"
hec "{\"fields\":{\"m\":1}}$(e 1)";		is "a metric" "$status $(report .hec.metric_events)" "200 1"
{ printf '{"event":"'; head -c 5000001 /dev/zero | tr '\0' x; printf '"}'; } >"$dir/giant"
hec "@$dir/giant";				is "over 5,000,000 bytes" "$status $(said)" "400 [6,0,null]"
e 1 | gzip >"$dir/gz"
hec "@$dir/gz" -H 'Content-Encoding: gzip';	is "gzip" "$status" 200
hec "@$dir/gz" -H 'Content-Encoding: deflate';	is "deflate" "$status" 415
ask "$url";					is "GET" "$status $(said)" "405 [404,null,null]"
ask "$base/services/collector/evnt" -d x;	is "another path" "$status $(said)" "404 [404,null,null]"
ask -X OPTIONS "$url";				has "OPTIONS" "$status $(cat "$dir/head")" "Allow: POST,OPTIONS"
ask -H "Authorization: Splunk $plain" "$base/services/collector/raw" -d x; is "raw" "$status $(report .hec.raw_requests)" "400 1"
ask "$base/services/collector/health";		is "health without a token" "$status $(said)" "200 [17,null,null]"
ask -H "Authorization: Splunk x" "$base/services/collector/health"; is "health with a bad one" "$status $(said)" "400 [21,null,null]"

# --- acknowledgements ---
ask -H "Authorization: Splunk $acks" "$url" -d x; is "no channel" "$status $(said)" "400 [10,null,null]"
ask -H "Authorization: Splunk $acks" "$url?channel=12" -d x; is "no GUID" "$status $(said)" "400 [11,null,null]"
acked "$(e 1)";					is "ids begin at 0" "$(said)" "[0,null,0]"
acked "$(e 1)garbage";				is "a part has an id too" "$(said)" "[6,1,1]"
acked "garbage";				is "nothing has none" "$(said)" "[6,0,null]"
became_true 0;					is "true" "$(is_true 0)" true
poll 0,7;					is "once; unknown ones are false" "$(jq -c .acks <"$dir/body")" '{"0":false,"7":false}'
poll 1 -H "X-Splunk-Request-Channel: ${channel/0f/1f}"; is "the first channel header counts" "$status" 200
ask -H "Authorization: Splunk $plain" "$base/services/collector/ack" -d '{"acks":[0]}'; is "token without" "$status $(said)" "400 [14,null,null]"
poll '"x"';					is "not a number" "$(jq -c .acks <"$dir/body")" '{}'

# --- faults ---
bad() { fault "set=$1"; hec "$(e 1)$(e 2)$(e 3)$(e 4)"; fault clear=all; }
bad hec-down;			is hec-down "$rc" 56
bad hec-reset-before;		is hec-reset-before "$rc" 56
for c in 1:403 8:500 9:503 23:503 26:429 27:429 28:400; do
	bad "hec-code:${c%:*}";	is "hec-code:${c%:*}" "$status $(said)" "${c#*:} [${c%:*},null,null]"
done
bad hec-status:504;		has hec-status "$status $(body)" "504 <!DOCTYPE"
bad hec-429-retry-after:3;	has hec-429-retry-after "$status $(cat "$dir/head")" "Retry-After: 3"
bad hec-html-200;		has hec-html-200 "$status $(body)" "200 <!DOCTYPE"
bad hec-303;			has hec-303 "$status $(cat "$dir/head")" "Location: /en-US/account/login"
bad hec-404;			is hec-404 "$status" 404
bad hec-413:10;			is hec-413 "$status" 413
bad hec-bad-number;		is hec-bad-number "$(said)" "[9,1000000,null]"
fault set=hec-415; hec "@$dir/gz" -H 'Content-Encoding: gzip'; is hec-415 "$status" 415; fault clear=all
n=$(token_report plain.events)
bad hec-partial:9;		is hec-partial "$status $(said)" "503 [9,2,null]"
bad hec-partial:7;		is "code 7 names the one behind" "$status $(said)" "400 [7,3,null]"
is "the halves are there" "$(($(token_report plain.events) - n))" 4
bad hec-busy:100;		is hec-busy "$status $(jq '.code == 9 and ."invalid-event-number" < 4' <"$dir/body")" "503 true"
bad hec-poison:100;		is hec-poison "$(said)" "[6,0,null]"
fault set=hec-poison-code:15; bad hec-poison:100; is hec-poison-code "$(said)" "[15,0,null]"
fault set=hec-no-number; n=$(token_report plain.events); hec "$(e 1)garbage"; is hec-no-number "$(said) $(($(token_report plain.events) - n))" "[6,null,null] 0"
fault clear=all
bad hec-wrong-index;		is hec-wrong-index "$(said)" "[7,1,null]"
curl -s -X POST -o /dev/null "$base/sim/reset-sink"
lost() {							# lost FAULT: taken, the answer is lost, the next copy is excused
	local n
	n=$(token_report plain.twice_in_lost_answers)
	fault "set=$1:${2:-100}"; hec "$(e "$one")" "${@:3}"; fault clear=all
	hec "$(e "$one")"
	is "$1: the next copy is excused" "$(($(token_report plain.twice_in_lost_answers) - n))" 1
}
hec "$(e "$one")"
before=$(token_report plain.twice_otherwise)
for f in hec-reset-after-read hec-500-stored hec-empty-reply hec-cut-reply; do lost $f; done
lost hec-giant-reply 1
lost hec-hang 5 -m 0.3
is "what was no lost answer's fault is none" "$(($(token_report plain.twice_otherwise) - before))" 6
hec "$(e "$two")"; curl -s -o /dev/null -X POST "$base/sim/sender-died"; hec "$(e "$two")"
is "sender-died" "$(($(token_report plain.twice_otherwise) - before))" 6
fault set=hec-slow-reply:20; hec "$(e 1)" -m 1; fault clear=all; is hec-slow-reply "$rc" 28

ack_fault() { fault "set=$1"; acked "$(e "$two")"; id=$(jq .ackId <"$dir/body"); fault clear=all; }
n=$(token_report acks.events)
ack_fault hec-ack-drop;		sleep 0.1; poll "$id"; is "hec-ack-drop" "$(is_true "$id") $(($(token_report acks.events) - n))" "false 0"
ack_fault hec-ack-never;	sleep 0.1; poll "$id"; is "hec-ack-never" "$(is_true "$id") $(($(token_report acks.events) - n))" "false 1"
ack_fault hec-ack-missing;	is hec-ack-missing "$status $id" "200 null"
is "the copy behind ack-never is excused" "$(token_report 'acks|[.twice_in_lost_answers,.twice_otherwise]|tostring')" "[1,0]"
ack_fault hec-ack-slow:60;	poll "$id"; is hec-ack-slow "$(is_true "$id")" false
acked "$(e 1)"; id=$(jq .ackId <"$dir/body"); fault set=hec-ack-forget; poll "$id"; is hec-ack-forget "$(is_true "$id")" false
fault set=hec-ack-restart; acked "$(e 1)"; is "hec-ack-restart: ids begin at 0" "$(said)" "[0,null,0]"
fault set=hec-ack-code:9; poll 0; is hec-ack-code "$status $(said)" "503 [9,null,null]"; fault clear=all
fault set=hec-ack-html-200; poll 0; has hec-ack-html-200 "$status $(body)" "200 <!DOCTYPE"; fault clear=all
fault set=hec-ack-reset; poll 0; is hec-ack-reset "$rc" 56; fault clear=all
fault set=hec-ack-strangers; poll 5; is hec-ack-strangers "$(jq '.acks|length' <"$dir/body")" 5; fault clear=all
became_true 0; acked "$(e 1)"; sleep 0.1
fault set=hec-ack-cut-reply; poll 1; jq . <"$dir/body" >/dev/null 2>&1 && fail hec-ack-cut-reply whole || ok hec-ack-cut-reply; fault clear=all
poll 1; is "and what it said is forgotten" "$(is_true 1)" false
fault set=hec-health:20; ask "$base/services/collector/health"; is hec-health "$status $(said)" "503 [20,null,null]"; fault clear=all

fault set=hec-indexers:5
acked "$(e 1)" -c "$dir/jar"; id=$(jq .ackId <"$dir/body"); has "hec-indexers: a cookie" "$(cat "$dir/head")" "Set-Cookie: AWSALB="
became_true "$id";		is "the cookie leads back" "$(is_true "$id")" true
acked "$(e 1)" -b "$dir/jar";	is "and is not set again" "$(grep -c Set-Cookie "$dir/head")" 0
fault set=hec-new-cookies; acked "$(e 1)" -b "$dir/jar"; is hec-new-cookies "$(grep -c Set-Cookie "$dir/head")" 1
fault set=hec-cookie-required; poll 0; is hec-cookie-required "$status $(said)" "400 [28,null,null]"; fault clear=all

# --- a sender that was killed, or that could not ask ---
for i in $(seq 10 24); do printf '{"Id":"aaaa0000-0000-4000-8000-0000000000%s","RecordType":6}\n' "$i"; done >"$dir/many"
record() { e "{\"Id\": \"aaaa0000-0000-4000-8000-0000000000$1\", \"RecordType\": 6}"; }
second_copies() {						# second_copies NUMBER...: are sent; "excused others", counted from here
	local i before
	before=$(token_report 'acks|"\(.twice_in_lost_answers) \(.twice_otherwise)"')
	for i; do acked "$(record "$i")"; done
	token_report 'acks|"\(.twice_in_lost_answers) \(.twice_otherwise)"' | awk -v b="$before" '{ split(b, n, " "); print $1 - n[1], $2 - n[2] }'
}
died() { curl -s -o /dev/null -X POST "$base/sim/sender-died"; }
begin --events "$dir/many" --events-only --subscribed --hec-ack-ms 1 --hec-ack-timeout 7200 --clock-rate 7200 --hec-trace "$dir/trace"
get_token
api "$root/subscriptions/content?$(window Audit.SharePoint)"
for i in $(seq 10 21); do acked "$(record "$i")"; done
for i in $(seq 0 9); do became_true "$i"; done
died
is "died: the two without an answer, and seven of those with one" "$(second_copies $(seq 10 21))" "9 3"
exec 3<>"/dev/tcp/127.0.0.1/${base##*:}"
body=$(record 22)
printf 'POST /services/collector HTTP/1.1\r\nAuthorization: Splunk %s\r\nX-Splunk-Request-Channel: %s\r\nContent-Length: %d\r\n\r\n' \
    "$acks" "$channel" ${#body} >&3
died
printf '%s' "$body" >&3
head -n 1 <&3 >/dev/null
exec 3>&-
is "what was in the connection of the dead one is excused" "$(second_copies 22)" "1 0"
fault set=hec-ack-slow:60; acked "$(record 23)"; id=$(jq .ackId <"$dir/body"); acked "$(record 24)"; fault "clear=all&set=hec-down"
poll "$id"; fault clear=all
is "who could not ask once must wait" "$(second_copies 23)" "0 1"
sleep 2.2; fault set=hec-down; poll $((id + 1)); fault clear=all
is "who could not ask for twice his time-out need not" "$(second_copies 24)" "1 0"
has "and the trace tells" "$(cat "$dir/trace")" "given-up request="

# --- a record without an Id that comes again in other words: due in both, one of them twice is the one that is told ---
first='{"RecordType": 6, "Ref": "51e1d1e5-0000-4000-8000-000000000001", "Words": "first"}'
other=${first/\"first/\"other}
printf '%s\n' "$first" "$other" >"$dir/two"
begin --events "$dir/two" --events-only --subscribed
get_token
api "$root/subscriptions/content?$(window Audit.SharePoint)"
figures() { token_report 'plain|[.due,.missing,.twice_in_lost_answers,.twice_otherwise,.twice_changed,.differ]|tostring'; }
hec "$(e "$other")$(e "$first")";		is "either may come first" "$(figures)" "[2,0,0,0,0,0]"
hec "$(e "$first")";				is "one of them again" "$(figures)" "[2,0,0,1,0,0]"
curl -s -X POST -o /dev/null "$base/sim/reset-sink"
hec "$(e "$first")"; died; hec "$(e "$first")"; hec "$(e "$other")"; is "again before the other came, after a death" "$(figures)" "[2,0,1,0,0,0]"
curl -s -X POST -o /dev/null "$base/sim/reset-sink"
hec "$(e "$first")$(e "$first")$(e "$other")"; is "and without one" "$(figures)" "[2,0,0,1,0,0]"
hec "$(e "${first/first/third}")";		is "in words of its own" "$(figures)" "[2,0,0,2,1,0]"

# --- and one that is listed twice in the same words ---
printf '%s\n' "$first" "$other" "$other" >"$dir/three"
begin --events "$dir/three" --events-only --subscribed
get_token
api "$root/subscriptions/content?$(window Audit.SharePoint)"
hec "$(e "$first")$(e "$other")"; died; hec "$(e "$other")"; hec "$(e "$other")"
is "of the three one was sent again after a death" "$(figures)" "[3,0,1,0,0,0]"
hec "$(e "$other")";				is "and one without" "$(figures)" "[3,0,1,1,0,0]"

# --- tokens of one's own ---
begin --events "$dir/events" --events-only --hec-token "main=$plain,index=main+audit" --hec-dump "$dir/dump"
hec '{"event":1,"index":"audit"}{"event":2,"index":"elsewhere"}'; is "an index of another" "$status $(said)" "400 [7,2,null]"
is "counted by index" "$(token_report 'main.indexes|tostring')" '{"audit":1}'
is "dumped" "$(cat "$dir/dump")" '{"token":"main","envelope":{"event":1,"index":"audit"}}'
ask -H "Authorization: Splunk $acks" "$base/services/collector" -d x; is "only these tokens" "$status" 403
"$M365SIM" --hec-token x 2>/dev/null; is "a token without value is refused" $? 1
exit $failed
