#!/bin/bash
# selftest.sh - walks m365sim's protocols with curl: is the simulator what doc/simulator.md says?
# The binary is $M365SIM (default ./m365sim). Prints ok/FAIL lines; exits 1 if there was a FAIL, 77 without curl or jq.

[ -n "$BASH_VERSION" ] || exec bash "$0" "$@"
# shellcheck source=tests/sim/selftest_lib.sh
. "$(dirname "$0")/selftest_lib.sh"
index=logs-o365.audit-default
put() {								# put FILE PATH [curl args]
	local file=$1 path=$2; shift 2
	ask -X POST "$base/$path" -H 'Content-Type: application/x-ndjson' --data-binary "@$file" "$@"
}
doc() { printf '{"create":{"_id":"%s"}}\n%s\n' "$1" "$2"; }

# --- the program ---
"$M365SIM" --selftest --records 3000 >"$dir/inner" || fail "m365sim --selftest" "$(grep FAIL "$dir/inner")"
has "m365sim --selftest" "$(cat "$dir/inner")" "ok   records"
has "--help" "$("$M365SIM" --help)" "--contentcreated-spread"
has "--help-faults" "$("$M365SIM" --help-faults)" "blob-gzip-crc"
"$M365SIM" --no-such 2>/dev/null; is "an unknown option is 64" $? 64
"$M365SIM" --fault no-such 2>/dev/null; is "an unknown fault is refused" $? 1

manual=$(dirname "$0")/../../doc/simulator.md
if [ -r "$manual" ]; then
	for f in $("$M365SIM" --help-faults | awk 'NR > 1 {print $1}'); do
		grep -q "^$f " "$manual" || fail "doc/simulator.md" "fault $f is not there"
	done
	for o in $("$M365SIM" --help | grep -o '^  --[a-z-]*'); do
		grep -q "^  $o" "$manual" || fail "doc/simulator.md" "option $o is not there"
	done
	ok "doc/simulator.md has the options and faults"
fi

begin --records 600 --page-size 4 --blob-size 20 --odd 5 --dups 5
has "the address is printed" "$(cat "$dir/out")" "listening on $base"
is "ready" "$(curl -s "$base/sim/ready" | jq .ready)" true

# --- token endpoint ---
get_token "$client" wrong;		is "wrong secret" "$status $(jq -c .error_codes <"$dir/body")" "401 [7000215]"
get_token nobody;			is "unknown application" "$status $(jq -c .error_codes <"$dir/body")" "400 [700016]"
get_token "$client" 'sim-secret~1' "a/.default b/.default"
					is "two scopes" "$status $(jq -c .error_codes <"$dir/body")" "400 [70011]"
ask -X POST "$base/elsewhere.example/oauth2/v2.0/token" -d grant_type=client_credentials
					is "unknown tenant" "$status $(jq -c .error_codes <"$dir/body")" "400 [90002]"
ask -X POST "$base/contoso.example/oauth2/v2.0/token" -u "$client:sim-secret%7E1" -d grant_type=client_credentials -d scope=x/.default
					is "Basic, by domain" "$status" 200
get_token;				is "token" "$status $(jq -r '.expires_in|type' <"$dir/body")" "200 number"

# --- subscriptions ---
ask "$root/subscriptions/list?$publisher";	is "no token" "$status" 401
api "$root/subscriptions/list?$publisher";	is "nothing subscribed" "$status $(body)" "200 []"
api "$root/subscriptions/content?$(window Audit.Exchange)"; is "not started" "$status $(code)" "400 AF20022"
for t in $types; do
	api -X POST -d '' "$root/subscriptions/start?contentType=$t&$publisher"
	is "start $t" "$status $(jq -r .status <"$dir/body")" "200 enabled"
done
api -X POST -d '' "$root/subscriptions/start?contentType=DLP.All&$publisher"; is "start again" "$status $(code)" "400 AF20024"
api -X POST -d '' "$root/subscriptions/start?contentType=DLP.Some&$publisher"; is "unknown type" "$status $(code)" "400 AF20020"
api "$root/subscriptions/list?$publisher";	is "five subscribed" "$(jq length <"$dir/body")" 5
api "$base/api/v1.0/contoso.example/activity/feed/subscriptions/list"; is "tenant by name" "$status $(code)" "400 AF20013"
api "$base/api/v1.0/99999999-2222-3333-4444-555555555555/activity/feed/subscriptions/list"
						is "another tenant" "$status $(code)" "400 AF20010"

# --- listings ---
x="$root/subscriptions/content?$publisher&contentType=Audit.Exchange"
api "$x&startTime=$(at '1 hour ago')";				is "one time missing" "$status $(code)" "400 AF20030"
api "$x&startTime=$(at '25 hours ago')&endTime=$(at now)";	is "over 24 h" "$status $(code)" "400 AF20055"
api "$x&startTime=$(at '9 days ago')&endTime=$(at '8 days ago')"; is "over 7 days" "$status $(code)" "400 AF20055"
api "$x&startTime=$(at now)&endTime=$(at '1 hour ago')";	is "start after end" "$status $(code)" "400 AF20055"
api "$x&startTime=soon&endTime=later";				is "not a time" "$status $(code)" "400 AF20002"
api "$x&startTime=$(at '2 hours ago')&endTime=$(at '1 hour ago')&nextPage=2026112300R000000010001"
								is "tampered page" "$status $(code)" "400 AF20031"
pages=0 heads=
: >"$dir/uris"
for t in $types; do
	uri="$root/subscriptions/content?$(window "$t")"
	while [ -n "$uri" ]; do
		api "$uri"
		[ "$status" = 200 ] || fail "page of $t" "$status $(body)"
		heads="$heads $(grep -io '^nextpageuri' "$dir/head")"
		jq -r '.[].contentUri' <"$dir/body" >>"$dir/uris"
		pages=$((pages + 1))
		uri=$(next)
		case $uri in
		*Publisher*) fail "NextPageUri" "shows a publisher";;
		"$base/api/v1/"*) uri="$uri&$publisher";;
		?*) fail "NextPageUri" "$uri";;
		esac
	done
done
is "all blobs listed, in $pages pages" "$(wc -l <"$dir/uris")" "$(report .generated.blobs)"
is "each once" "$(sort -u "$dir/uris" | wc -l)" "$(report .generated.blobs)"
has "header in one case" "$heads" nextpageuri
has "and in another" "$heads" NextPageUri

# start is inclusive, end exclusive
created=$(curl -s "$base/sim/blobs" | jq -r '[.[]|select(.contentType=="Audit.Exchange")][0].contentCreated')
api "$x&startTime=$(at "${created%.*}Z")&endTime=$(at "${created%.*}Z 1 second")"
is "a window of its second has the blob" "$(jq --arg c "$created" 'map(select(.contentCreated==$c))|length' <"$dir/body")" 1
api "$x&startTime=$(at "${created%.*}Z 1 hour ago")&endTime=$(at "${created%.*}Z")"
is "a window that ends there has not" "$(jq --arg c "$created" 'map(select(.contentCreated==$c))|length' <"$dir/body")" 0

# --- blobs (jq knows no lone surrogates) ---
: >"$dir/records"
while read -r uri; do
	api --compressed "$uri?$publisher"
	[ "$status" = 200 ] || fail "blob" "$status $(body)"
	sed 's/\\ud[89a-f]../?/g' "$dir/body" | jq -c '.[]' >>"$dir/records" || fail "blob is JSON" "$uri"
done <"$dir/uris"
is "records" "$(wc -l <"$dir/records")" "$(report .listed.records)"
has "gzip when asked" "$(cat "$dir/head")" "Content-Encoding: gzip"
api "$uri?$publisher"; uri=$(head -1 "$dir/uris")
api "$uri?$publisher"; cp "$dir/body" "$dir/first"; api "$uri?$publisher"
if cmp -s "$dir/first" "$dir/body" && ! grep -qi content-encoding "$dir/head"; then ok "the same bytes again, plain"; else fail "the same bytes again" differ; fi
api "${uri//\$/%24}?$publisher";	is "%24 once" "$status" 200
api "${uri//\$/%2524}?$publisher";	is "%24 twice" "$status $(code)" "400 AF20052"
api "${uri/audit_/xudit_}?$publisher";	is "no such blob" "$status $(code)" "404 AF20050"

# --- bulk ---
ask "$base/"; has "product header" "$(cat "$dir/head")" "X-elastic-product: Elasticsearch"
jq -c 'select(.Id|type == "string" and test("^[0-9a-fA-F-]{36}$") and . != "00000000-0000-0000-0000-000000000000")
    | [(.Id|ascii_downcase)]' <"$dir/records" | sort -u | tr -d '[]"' |
    while read -r id; do doc "$id" "{\"@timestamp\":\"2026-11-23T08:00:00Z\",\"event\":{\"id\":\"$id\"}}"; done >"$dir/bulk"
jq -rc '.SimMarker // empty' <"$dir/records" | nl -ba | while read -r n m; do
	doc "marked$n" "{\"@timestamp\":\"2026-11-23T08:00:00Z\",\"o365\":{\"audit\":{\"SimMarker\":\"$m\"}}}"; done >>"$dir/bulk"
is "missing before" "$(report '.bulk.missing == .bulk.due and .bulk.due == .listed.obligations')" true
gzip -k "$dir/bulk"
put "$dir/bulk.gz" "$index/_bulk?filter_path=errors,items.*.status" -H 'Content-Encoding: gzip'
is "bulk takes all" "$status $(jq -c '[.errors, (.items|map(.create.status)|unique)]' <"$dir/body")" "200 [false,[201]]"
is "filter_path" "$(jq -c 'keys' <"$dir/body")" '["errors","items"]'
is "nothing is missing" "$(report '[.bulk.missing,.bulk.unexpected,.bulk.created_twice]|tostring')" "[0,0,0]"
put "$dir/bulk" "$index/_bulk"
is "again: 409" "$(jq -c '[.errors, (.items|map(.create.status)|unique)]' <"$dir/body")" "[true,[409]]"
id=$(head -1 "$dir/bulk" | jq -r .create._id)
ask -X POST "$base/$index/_search" -H 'Content-Type: application/json' -d "{\"query\":{\"ids\":{\"values\":[\"$id\",\"none\"]}}}"
is "asked by id" "$(jq -c '[.hits.hits[]._id]' <"$dir/body")" "[\"$id\"]"
printf '{"create":{"_id":"x"}}\n{"@timestamp":"2026-11-23T08:00:00Z"}' >"$dir/bad"
put "$dir/bad" "$index/_bulk";			is "last newline missing" "$status" 400
printf '{"create":{"_id":"x"}\n{}\n' >"$dir/bad"
put "$dir/bad" "$index/_bulk";			is "bad action line" "$status" 400
{ doc a1 '{"@timestamp":"t","a":1,"a":2}'; doc a2 '{"a":1}'; doc a3 '{"@timestamp":"t","":1}'; doc a4 '{"@timestamp":"t","a.":1}'
  doc a5 '{"@timestamp":"t"'; doc a6 '[1]'; } >"$dir/bad"
put "$dir/bad" "$index/_bulk"
is "poison, one by one" "$(jq -c '[.items[].create|[.status,.error.type]]|unique' <"$dir/body")" '[[400,"document_parsing_exception"]]'
doc stranger '{"@timestamp":"t","event":{"id":"never-listed"}}' >"$dir/bad"
put "$dir/bad" "$index/_bulk"
is "a stranger is unexpected" "$(report '.bulk.unexpected_ids|tostring')" '["never-listed"]'
doc second "{\"@timestamp\":\"t\",\"event\":{\"id\":\"$id\"}}" >"$dir/bad"
put "$dir/bad" "$index/_bulk"
is "another _id for the same event" "$(report .bulk.created_twice)" 1
put "$dir/bad" "$index/_bulk" -H 'Content-Encoding: gzip'; is "not gzip" "$status" 400

# --- files ---
mkdir -p "$dir/archive/t/f"
split -n l/3 "$dir/records" "$dir/part."
for p in "$dir"/part.*; do gzip -c "$p"; done >"$dir/archive/t/f/000001.ndjson.gz"
is "files: members, torn, missing" "$(report '.files|[.members,.torn,.missing,.unexpected]|tostring' "files=$dir/archive")" "[3,0,0,0]"
is "files: repeats were written again" "$(report '.files.twice == .listed.repeats_same + .listed.repeats_changed' "files=$dir/archive")" true
head -c 1000 "$dir/archive/t/f/000001.ndjson.gz" >"$dir/archive/t/f/000002.ndjson.gz"
is "files: a cut member is torn" "$(report '.files.torn > 0' "files=$dir/archive")" true

# --- faults of the tenant ---
fault set=list-500:100:1;	api "$x";	is "list-500" "$status $(code)" "500 AF50000"
has "in single quotes" "$(body)" "{'error'"
api "$x";					is "once only" "$status" 200
fault set=list-throttle;	api "$x";	is "list-throttle" "$status $(code)" "403 AF429"; fault clear=all
fault set=throttle-429-retry-after:7; api "$x"; has "429" "$status $(cat "$dir/head")" "Retry-After: 7"; fault clear=all
fault set=list-reset;		api "$x";	is "list-reset" "$rc" 56; fault clear=all
fault set=foreign-content-uri;	api "$x";	has "foreign-content-uri" "$(body)" "https://manage.attacker.example/api"; fault clear=all
fault set=foreign-nextpage;	api "$x&$(window Audit.Exchange)"; has "foreign-nextpage" "$(next)" "https://manage.attacker.example/"; fault clear=all
fault set=circular-nextpage;	api "$x"; a=$(next); api "$a"; is "circular-nextpage" "$(next)" "$a"; fault clear=all
fault set=endless-pages; api "$x&startTime=$(at '2 minutes ago')&endTime=$(at '1 minute ago')"; a=$(next); api "$a"; b=$(next); api "$b"
[ -n "$a" ] && [ "$a" != "$b" ] && [ -n "$(next)" ] && [ "$(next)" != "$a" ] && ok endless-pages || fail endless-pages "$a $b"; fault clear=all
fault set=redirect;		api "$x";	is "redirect" "$status" 302; fault clear=all
fault set=expire-tokens;	api "$x";	is "expire-tokens" "$status" 401
fault set=no-roles; get_token;	api "$x";	is "no-roles" "$status $(code)" "401 AF10001"; fault clear=all
fault set=wrong-tid; get_token;	api "$x";	is "wrong-tid" "$status $(code)" "400 AF20010"; fault clear=all
fault set=token-500; get_token;			is "token-500" "$status" 500; fault clear=all
fault set=token-401-secret; get_token;		is "token-401-secret" "$status" 401; fault clear=all
get_token
fault set=sub-disabled;		api "$x";	is "sub-disabled" "$status $(code)" "400 AF20023"
api -X POST -d '' "$root/subscriptions/start?contentType=Audit.Exchange&$publisher"; api "$x"; is "started again" "$status" 200
u="$uri?$publisher"
fault set=blob-500:100;		api "$u";	is "blob-500" "$status" 500; fault clear=all
for f in blob-reset:56 blob-short-length:18 blob-chunk-abort:18 blob-close-cut:0 blob-gzip-cut:0 blob-gzip-crc:61 blob-gzip-tail:0; do
	fault "set=${f%:*}:100"; api --compressed "$u"; fault clear=all
	if [ "${f#*:}" != 0 ]; then
		is "${f%:*}" "$rc" "${f#*:}"
	elif [ "${f%:*}" != blob-gzip-tail ] && cmp -s "$dir/first" "$dir/body"; then
		fail "${f%:*}" "is sound"
	else
		ok "${f%:*}"
	fi
done
fault set=blob-html-200:100;	api "$u";	has "blob-html-200" "$status $(body)" "200 <!DOCTYPE"; fault clear=all
fault set=blob-error-object-200:100; api "$u";	is "blob-error-object-200" "$status $(code)" "200 AF50000"; fault clear=all
n=$(curl -s "$base/sim/blobs" | jq --arg i "${uri##*/}" '.[]|select(.contentId==$i).number')
fault "set=blob-expired:$n";	api "$u";	is "blob-expired" "$status $(code)" "400 AF20051"; fault clear=all
fault "set=blob-missing:$n";	api "$u";	is "blob-missing" "$status $(code)" "404 AF20050"; fault clear=all
fault "set=blob-broken:$n";	api "$u"; jq . <"$dir/body" >/dev/null 2>&1 && fail blob-broken "is sound" || ok blob-broken; fault clear=all
api -X POST -d '' "$root/subscriptions/start?contentType=Audit.General&$publisher"; sleep 0.1
fault set=blob-bad-element:1
api "$root/subscriptions/content?$publisher&contentType=Audit.General&startTime=$(at '1 minute ago')&endTime=$(at '5 seconds')"
is "blob-bad-element is listed" "$(jq length <"$dir/body") $(report .listed.dead_expected)" "1 17"

# --- faults of the sink ---
doc f1 '{"@timestamp":"t","event":{"id":"f1"}}' >"$dir/one"
sink() { fault "set=$1"; put "$dir/one" "$index/_bulk"; fault clear=all; }
sink bulk-down;			is "bulk-down" "$rc" 56
sink bulk-503;			is "bulk-503" "$status" 503
sink bulk-429-retry-after:3;	has "bulk-429-retry-after" "$status $(cat "$dir/head")" "Retry-After: 3"
sink bulk-401;			is "bulk-401" "$status" 401
sink bulk-413:10;		is "bulk-413" "$status $(body)" "413 "
sink bulk-html-200;		has "bulk-html-200" "$status $(body)" "200 <!DOCTYPE"
for f in 429:429 500:503 403:403 404:404; do
	sink "bulk-item-${f%:*}:100"; is "bulk-item-${f%:*}" "$status $(jq .items[0].create.status <"$dir/body")" "200 ${f#*:}"
done
sink bulk-item-400:100;		is "bulk-item-400" "$(jq .items[0].create.status <"$dir/body")" 400
sink bulk-reset-after-read;	is "bulk-reset-after-read" "$rc" 56
put "$dir/one" "$index/_bulk";	is "and it was stored" "$(jq .items[0].create.status <"$dir/body")" 409
sink bulk-cut-reply;		jq . <"$dir/body" >/dev/null 2>&1 && fail bulk-cut-reply "is whole" || ok bulk-cut-reply
sink bulk-short-items;		is "bulk-short-items" "$(jq '.items|length' <"$dir/body")" 0
fault set=bulk-rollover; put "$dir/one" "$index/_bulk"; is "bulk-rollover" "$(jq .items[0].create.status <"$dir/body")" 201
curl -s -X POST -o /dev/null "$base/sim/reset-sink";	is "reset-sink" "$(report .bulk.documents)" 0
is "requests without a publisher were counted" "$(report '.without_publisher > 0')" true
has "log" "$(curl -s "$base/sim/log")" subscriptions/content

# --- other ways to start ---
kill -TERM "$sim"; wait "$sim"; is "SIGTERM" $? 0; sim=
cat >"$dir/events" <<'END'
{"Id":"AAAA0000-0000-4000-8000-000000000001","RecordType":6,"Workload":"SharePoint" , "Spaced":1.0}
{"Id":"aaaa0000-0000-4000-8000-000000000002","RecordType":11,"Workload":"SharePoint"}
{"RecordType":1,"NoId":true}
{"RecordType":1,"NoId":true}
{"Id":"aaaa0000-0000-4000-8000-000000000003","RecordType":20,"Broken":}
END
begin --events "$dir/events" --events-only --subscribed --bulk-api-key id:key --throttle 3 --trap-port 0 --rate 100
get_token; x="$root/subscriptions/content?$publisher&contentType=Audit.Exchange"
api "$root/subscriptions/content?$(window Audit.SharePoint)"
api "$(jq -r .[0].contentUri <"$dir/body")?$publisher"
is "events, byte for byte" "$(body)" "[$(head -1 "$dir/events")]"
api "$root/subscriptions/content?$(window Audit.Exchange)"
api "$x"; is "the throttle" "$status $(code)" "403 AF429"
has "names the publisher" "$(body)" "PublisherId=$tenant"
put "$dir/one" "$index/_bulk"; is "no key" "$status" 401
put "$dir/one" "$index/_bulk" -H "Authorization: ApiKey aWQ6a2V5"; is "the key" "$status" 200
trap_url=$(sed -n 's/.*trap on //p' "$dir/out")
ask -H "Authorization: Bearer x" "$trap_url/"; is "a leak is counted" "$(report .token_leaks)" 1
sleep 1; is "live blobs appear" "$(report '.generated.blobs > 4')" true

# answers and links word for word
begin --records 50 --subscribed
get_token
script() { printf '%b' "$2" | curl -s -o /dev/null -X POST --data-binary @- "$base/sim/$1"; }
script 'answer?to=word-for&times=2' 'HTTP/1.1 418 x\r\nContent-Length: 2\r\n\r\nab'
ask "$base/word-for"; is "an answer word for word" "$status $(body)" "418 ab"
ask "$base/word-for"; ask "$base/word-for"; is "as often as was said" "$status" 404
script 'answer?to=word-for&end=hold' 'HTTP/1.1 200 OK\r\n\r\nx'
ask -m 1 "$base/word-for"; is "and held" "$rc" 28
script 'links?in=content' '{SCHEME}://x{PORT}{FEED}\\t{HOST}\n'
api "$root/subscriptions/content?$(window Audit.SharePoint)"
is "a link word for word" "$(jq -r .[0].contentUri <"$dir/body")" "http://x:${base##*:}/api/v1.0/$tenant/activity/feed/	127.0.0.1"
is "is used once" "$(curl -s "$base/sim/links" | jq -c .content)" '{"all":1,"used":1}'

# a subscription's first content: late, and not all of it
begin --records 500 --blob-size 5 --first-delay 0.0005 --back-fill 6 --wide-window partial
get_token
api -X POST -d '' "$root/subscriptions/start?contentType=Audit.Exchange&$publisher"
api "$root/subscriptions/content?$(window Audit.Exchange)";	is "first content has a delay" "$(body)" "[]"
sleep 2
api "$root/subscriptions/content?$(window Audit.Exchange '1 minute ago' '1 minute')"
is "and shows when it became available" "$(jq 'length > 3' <"$dir/body")" true
is "what is older than the back-fill cannot be listed" "$(report '.generated.never_listable > 3')" true
api "$root/subscriptions/content?$(window Audit.Exchange '30 hours ago' '1 minute')"
is "over 24 h, partial: 200" "$status $(jq 'length > 3' <"$dir/body") $(report .wide_windows)" "200 true 1"
api -X POST -d '' "$root/subscriptions/stop?contentType=Audit.Exchange&$publisher"
curl -s -o /dev/null -X POST "$base/sim/blob?content=Audit.Exchange&records=7"; n=$(report .generated.never_listable); sleep 0.1
api -X POST -d '' "$root/subscriptions/start?contentType=Audit.Exchange&$publisher"
is "what appears between stop and start is lost" "$(($(report .generated.never_listable) - n))" 1

if command -v openssl >/dev/null; then
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key" -out "$dir/cert" -days 2 -subj /CN=localhost \
	    -addext subjectAltName=IP:127.0.0.1 2>/dev/null
	begin --records 10 --tls-port 0 --tls-cert "$dir/cert" --tls-key "$dir/key"
	tls=$(sed -n 's/.*\(https:.*\)/\1/p' "$dir/out")
	ask --cacert "$dir/cert" "$tls/sim/ready"; is "TLS" "$status" 200
	fault set=bulk-down; ask --cacert "$dir/cert" "$tls/"; fault clear=all
	[ "$rc" != 0 ] && ok "reset over TLS" || fail "reset over TLS" "$status"
fi
exit $failed
