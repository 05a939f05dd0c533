# Sixty ways in which an answer can be cut, corrupt, a bomb or no answer at all, for listings, blobs, pages of Graph and tokens: taken for an
# empty but sound answer, each would cost records. No mark moves, nothing is missing, memory stays small. What is odd but whole is taken.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
# shellcheck source=tests/story/lib_lies.sh disable=SC2154
. "$here/lib_lies.sh"
sim --now 2026-11-23T08:00:00 --clock-rate 1200 --subscribed --records 600 --blob-size 3 --days 0.5 --graph-rows 400 --graph-late 0 --graph-change 0
simulated_time
INTERVAL=60s graph_conf "audit.exchange, audit.general, signin.interactive" "{interval: 60s, idle_interval: 60s}"

# send WORD HEADERS BODY-COMMAND...: once, for WORD: a 200 with these headers and what the command prints
send() {
	local word=$1 headers=$2
	shift 2
	{ printf '%b' "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n$headers\r\n"; "$@"; } | says_bytes "$word" "times=1&end=${END:-close}"
	FORMS=$((FORMS + 1))
}
sized() {	# sized WORD HEADERS BODY-COMMAND...: the same with the length that it has
	local word=$1 headers=$2
	shift 2
	"$@" >"$W/body"
	send "$word" "${headers}Content-Length: $(stat -c %s "$W/body")\r\n" cat "$W/body"
}
raw() { says "$1" times=1 "$2"; FORMS=$((FORMS + 1)); }
gz() { printf '%s' "$1" | gzip -nc; }
but_last() { head -c "-$1"; }
flipped() { gz "$2" | perl -0777 -pe "substr(\$_, -$1, 1) ^= chr(0x55)"; }
many() { perl -e "print q($1) x $2"; }
GZIP='Content-Encoding: gzip\r\n'

# forms WORD WHOLE BEGUN: WHOLE is a sound answer without records, BEGUN one that breaks off.
forms() {
	local w=$1 whole=$2 begun=$3 len=${#3}
	# cut
	send "$w" "Content-Length: $((len + 900))\r\n" printf %s "$begun"
	send "$w" "Content-Length: $((${#whole} + 1))\r\n" printf %s "$whole"
	END=reset send "$w" "Content-Length: $((len + 900))\r\n" printf %s "$begun"
	send "$w" '' printf %s "$begun"
	sized "$w" '' printf %s "$begun"
	send "$w" 'Transfer-Encoding: chunked\r\n' printf '%x\r\n%s\r\n' ${#whole} "$whole"
	send "$w" 'Transfer-Encoding: chunked\r\n' printf '%x\r\n%s' $((len + 9)) "$begun"
	send "$w" 'Transfer-Encoding: chunked\r\n' printf 'zz\r\n%s\r\n0\r\n\r\n' "$whole"
	send "$w" 'Transfer-Encoding: chunked\r\n' printf 'ffffffffffffffffff\r\n%s\r\n0\r\n\r\n' "$whole"
	send "$w" 'Transfer-Encoding: chunked\r\n' printf '%x\r\n%s\r\n0\r\n\r\n' "$len" "$begun"
	sized "$w" '' true
	send "$w" '' true
	# lengths that do not agree
	send "$w" "Content-Length: ${#whole}\r\nContent-Length: $((len + 900))\r\n" printf '%s%s' "$whole" "$begun"
	send "$w" "Content-Length: $((len + 900))\r\nContent-Length: ${#whole}\r\n" printf '%s%s' "$whole" "$begun"
	send "$w" "Content-Length: ${#whole}, $((len + 900))\r\n" printf '%s%s' "$whole" "$begun"
	send "$w" 'Content-Length: -1\r\n' printf %s "$begun"
	send "$w" 'Content-Length: abc\r\n' printf %s "$begun"
	send "$w" 'Content-Length: 99999999999999999999999\r\n' printf %s "$whole"
	# compressed
	sized "$w" "$GZIP" eval 'gz "$begun"'
	sized "$w" "$GZIP" eval 'gz "$whole" | but_last 1'
	sized "$w" "$GZIP" eval 'gz "$whole" | but_last 8'
	sized "$w" "$GZIP" eval 'gz "$begun" | but_last 30'
	sized "$w" "$GZIP" flipped 6 "$whole"
	sized "$w" "$GZIP" flipped 2 "$whole"
	sized "$w" "$GZIP" eval 'gz "$whole"; echo garbage'
	sized "$w" "$GZIP" true
	sized "$w" "$GZIP" printf %s "$whole"
	sized "$w" "$GZIP" head -c 500 /dev/urandom
	sized "$w" "$GZIP" eval 'gz "$whole" | gzip -nc'
	sized "$w" 'Content-Encoding: gzip, gzip\r\n' eval 'gz "$whole" | gzip -nc'
	sized "$w" 'Content-Encoding: br\r\n' printf %s "$whole"
	sized "$w" 'Content-Encoding: deflate\r\n' printf %s "$whole"
	sized "$w" 'Content-Encoding: what-is-this\r\n' printf %s "$whole"
	sized "$w" "$GZIP" eval 'many " " 200000000 | gzip -1nc'
	sized "$w" "$GZIP" eval 'many "[" 100000000 | gzip -1nc'
	sized "$w" "$GZIP" eval 'many " " 200000000 | gzip -1nc | gzip -nc'
	# no HTTP, or hardly
	raw "$w" ''
	raw "$w" 'HTTP/1.1 200 OK'
	raw "$w" 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n'
	raw "$w" '\x16\x03\x01\x02\x00\x01\x00\x01'
	raw "$w" 'SSH-2.0-OpenSSH_9.2p1\r\n'
	raw "$w" "$whole"
	raw "$w" "HTTP/1.1 999 X\r\nContent-Length: ${#whole}\r\n\r\n$whole"
	raw "$w" "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-${#whole}/9999\r\nContent-Length: ${#whole}\r\n\r\n$whole"
	raw "$w" "HTTP/1.1 203 Non-Authoritative Information\r\nContent-Length: ${#whole}\r\n\r\n$whole"
	raw "$w" 'HTTP/1.1 204 No Content\r\n\r\n'
	raw "$w" 'HTTP/1.1 304 Not Modified\r\n\r\n'
	raw "$w" 'HTTP/1.1 100 Continue\r\n\r\n'
	raw "$w" 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'
	send "$w" "" many 'X-Long: y' 50000
	send "$w" "X: $(many y 400000)\r\nContent-Length: ${#whole}\r\n" printf %s "$whole"
	# sound, but of another shape
	sized "$w" '' printf null
	sized "$w" '' printf '"[]"'
	sized "$w" '' printf 17
	sized "$w" '' printf '%s]' "$whole"
	sized "$w" '' printf '%s %s' "$whole" "$whole"
	sized "$w" '' printf '{"value":{}}'
	sized "$w" '' printf '{"error":{"code":"AF50000","message":"An internal error occurred."}}'
	sized "$w" '' printf '{"error":{"code":"UnknownError","message":""},"values":[]}'
	sized "$w" 'Content-Type: text/html\r\n' printf '<html><body>Sign in to the guest network</body></html>'
}
still() { [ "$(listed_to "$1")" = "$2" ]; }
BEGUN='[{"Id":"5f1c0c1a-1111-4222-8333-08dd12345678","CreationTime":"2026-11-23T07:00:00","RecordType":2,"Operation":"x","Workload":"y","z":"'

# Blobs first: an empty list in place of records would lose them.
FORMS=0
forms activity/feed/audit/ '[]' "$BEGUN"
run
must "$FORMS odd answers are given for blobs" until_true 60 told $FORMS
whole() { complete && graph_whole; }
must "everything arrives all the same" until_true 60 whole

# A page: the mark stays where it is, since behind the odd answers there is nothing but 503.
page() {	# page FEED WORD WHOLE BEGUN
	local before
	says_no_more
	before=$(answered)
	FORMS=0
	# Its own bad answer first, so that no sound one is under way when the mark is read.
	raw "$2" 'HTTP/1.1 503 Wait\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
	forms "$2" "$3" "$4"
	says "$2" times=-1 'HTTP/1.1 503 Wait\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
	must "$1: the first bad answer" until_true 20 told $((before + 1))
	sleep 0.3
	local mark
	mark=$(listed_to "$1")
	must "$1: $FORMS odd answers are given" until_true 90 told $((before + FORMS + 2))
	must "$1: no mark moved" still "$1" "$mark"
	says_no_more
	must "$1: then it goes on" until_true 30 moved "$1" "$mark"
}
moved() { [[ $(listed_to "$1") > $2 ]]; }
page audit.general Audit.General '[]' '[{"contentType":"Audit.General","contentId":"x'
page signin.interactive auditLogs/signIns '{"value":[]}' '{"value":[{"id":"x'

# Tokens: the old one serves while it lives, and no half of a token is sent.
before=$(answered)
FORMS=0
forms oauth2 '{"token_type":"Bearer","expires_in":3599}' '{"token_type":"Bearer","expires_in":3599,"access_token":"half-of-a-tok'
fault expire-tokens
must "$FORMS odd answers are given for tokens" until_true 90 told $((before + FORMS))
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=30" >/dev/null
must "then everything arrives" until_true 60 whole

# Early answers, chunks and trailers around a sound body are HTTP, and taken.
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=30" >/dev/null
id=$(curl -sf "$SIM/sim/blobs" | jq -r '.[-1].contentId')
curl -sf -X POST "$SIM/contoso.example/oauth2/v2.0/token" -d grant_type=client_credentials -d client_id=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee \
    --data-urlencode 'client_secret=sim-secret~1' -d "scope=$SIM/.default" | jq -r .access_token >"$W/token"
curl -sfg -H "Authorization: Bearer $(cat "$W/token")" "$SIM/api/v1.0/$TENANT/activity/feed/audit/$id" >"$W/body"
n=$(stat -c %s "$W/body")
{
	printf 'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n'
	printf 'Trailer: X-Sum\r\n\r\n1\r\n%s\r\n%x;ext=1\r\n' "$(head -c 1 "$W/body")" $((n - 1))
	tail -c +2 "$W/body"
	printf '\r\n0\r\nX-Sum: 1\r\nContent-Length: 3\r\n\r\n'
} | says_bytes "$id" times=-1
must "and early answers and trailers too" until_true 30 whole
peak=$(awk '/VmHWM/ { print $2 }' "/proc/$RUN_PID/status")
must "no bomb took memory ($peak KiB)" test "$peak" -lt 98304
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "no gap" no_gaps
must "no dead letter but those that must be" jq -e '.bulk.dead_delivered // 0 == 0' "$W/report.json" >/dev/null
printf '    peak %s KiB\n' "$peak"
