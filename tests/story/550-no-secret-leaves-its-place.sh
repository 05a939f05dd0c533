# I4: every kind of secret goes to the one host it is for, and nowhere else: not into logs of any level, answers of any command, status,
# metrics, the service manager's ear, command line, environment, state, archive or dead letters; also when every host refuses and says
# the secret back in its refusal, and after the secrets changed. The same scanner finds a planted one in each of these places.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
mkdir "$W/said" "$W/wire"
declare -A C=([client]="cAn4ry.Q8~s3cret/with+and&=" [key]="k3yId-Vx81bQ:k3yCanaryQw7zR1t" [basic]="b4sicCanary!Wp6/x+Lh2"
    [bearer]="b34rerCanary.Zk2vN8-" [proxy]="pr0xyCanaryMt5hB9-Dj4" [hec]="c0ffee01-0a1b-4c2d-9e3f-a1b2c3d4e5f6"
    [acks]="c0ffee02-6f5e-4d4c-8b3a-f6e5d4c3b2a1" [next]="c0ffee03-1f2e-4d3c-8b4a-5f6e7d8c9b0a")
PLANTED="pl4ntedCanary-Xh3mC7-Ub9"
authority ours
certificate mine ours
C[pem]=$(sed -n 2p "$W/mine.key")

# A record that holds a canary, for the control: it is the archive's business, and is found there.
printf '{"CreationTime":"%s","Id":"5eed0001-0000-4000-8000-000000000001","Operation":"FileAccessed","RecordType":6,"Workload":"SharePoint","OrganizationId":"%s","UserId":"%s"}\n' \
    "$(date -u -d '-2 hours' +%FT%T)" "$TENANT" "$PLANTED" >"$W/events"
sim --records 120 --events "$W/events" --client-secret "${C[client]}" --bulk-api-key "${C[key]}" --trap-port 0 \
    --hec-token "plain=${C[hec]}" --hec-token "acks=${C[acks]},ack" --hec-token "next=${C[next]}"

declare -A AT
MIRRORS=()
mirror() {	# mirror NAME: between the forwarder and the simulator, at ${AT[NAME]}
	local port
	until port=$((10000 + RANDOM % 20000)); ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
	perl "$here/mirror.pl" "$port" "${SIM##*:}" "$W/wire/$1" "$W/switch.$1" 2>>"$W/mirrors.log" &
	MIRRORS+=($!)
	AT[$1]=127.0.0.1:$port
	until_true 10 test -e "$W/wire/$1"
}
for name in login api bulk encoded basic bearer proxy hec acks tls; do mirror $name; done
trap 'kill "${MIRRORS[@]}" 2>/dev/null; end_story' EXIT
refuse() { echo "$2" >"$W/switch.$1.new" && mv "$W/switch.$1.new" "$W/switch.$1"; }	# refuse MIRROR "STATUS BODY"
allow() { rm -f "${@/#/$W/switch.}"; }

hold() { (umask 077; printf '%s\n' "$2" >"$W/$1"); }	# hold FILE SECRET
for name in basic bearer hec acks; do hold "$name" "${C[$name]}"; done
hold secret "${C[client]}"
hold id-and-key "${C[key]}"
hold encoded "$(printf %s "${C[key]}" | base64 -w 0)"
hold proxy "http://agent:${C[proxy]}@${AT[proxy]}"

until PORT=$((10000 + RANDOM % 20000)); ! (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; do :; done
canary_conf() {
	local bulk="type: bulk, schema: ecs, batch: {linger: 200ms}" hec="type: hec, schema: native, redact: [], batch: {linger: 200ms}"
	OUTPUT_YAML=$(cat <<-YAML
	  - {name: elastic, $bulk, url: "http://${AT[bulk]}", api_key: "file:$W/id-and-key"}
	  - {name: encoded, $bulk, url: "http://${AT[encoded]}", api_key: "file:$W/encoded"}
	  - {name: basic, $bulk, url: "http://${AT[basic]}", username: agent, password: "file:$W/basic"}
	  - {name: bearer, $bulk, url: "http://${AT[bearer]}", bearer: "file:$W/bearer"}
	  - {name: proxied, $bulk, url: "https://elastic.invalid", proxy: "file:$W/proxy"}
	  - {name: mutual, $bulk, url: "https://${AT[tls]}", client_certificate: $W/mine.crt, client_key: $W/mine.key}
	  - {name: splunk, $hec, url: "http://${AT[hec]}", token: "file:$W/hec"}
	  - {name: splunk-acks, $hec, url: "http://${AT[acks]}", token: "file:$W/acks", ack_timeout: 3s}
	  - {name: archive, type: file, path: $W/archive, schema: raw, batch: {linger: 500ms}}
	YAML
	)
	SINKS="elastic splunk splunk-acks archive"
	rm -f "$W/c.yaml"
	LEVEL=debug conf
	sed -i "s#^admin: .*#admin: {listen: 127.0.0.1:$PORT}#; s#endpoints: {.*#endpoints: {login: \"http://${AT[login]}\", management: \"http://${AT[api]}\"}#" "$W/c.yaml"
}
canary_conf

# What every command, every page and every file of /proc say now goes to $W/said.
tell_all() {
	local name
	for name in "check" "status" "status --json" "gaps" "gaps --json" "dead list" "dead list --json" "dead export" "dead show 1" \
	    "setup elastic --dry-run" "setup elastic" "setup basic" "setup bearer" "setup encoded" "reload"; do
		# shellcheck disable=SC2086
		timeout 20 "$M365FWD" $name -c "$W/c.yaml" </dev/null >>"$W/said/${name// /-}" 2>&1
	done
	"$M365FWD" map -c "$W/c.yaml" --feed audit.sharepoint --schema ecs --explain <"$W/events" 2>&1 | sed "s/$PLANTED//g" >>"$W/said/map"
	for name in "" status metrics livez readyz; do curl -s -m 5 "http://127.0.0.1:$PORT/$name" >>"$W/said/admin"; done
	for name in cmdline environ maps limits status; do cat "/proc/$RUN_PID/$name" >>"$W/said/proc.$name" || fail "/proc/PID/$name cannot be read"; done
}

# The secrets as the wire showed them, the tenant's tokens too.
list_canaries() {
	local name
	grep -aoE 'Bearer [^ "]+' "$W/wire/api" | tr -d '\r' | sort -u | sed 's/Bearer /token\t/' >"$W/tokens"
	for name in "${!C[@]}"; do printf '%s\t%s\n' "$name" "${C[$name]}"; done >"$W/canaries"
	cat "$W/tokens" >>"$W/canaries"
}
only() { grep -E "^($1)	" "$W/canaries" >"$W/these"; }		# only NAME|NAME...: into $W/these
none() { perl "$here/canary.pl" "$@" >"$W/found" || { sed "s#$W/##; s/^/    found: /" "$W/found" | head -n 20 >&2; return 1; }; }
nowhere() { list_canaries; none "$W/canaries" "$W/log" "$W/said" "$W/state" "$W/archive" "$W/heard"; }

socat -u "UNIX-RECV:$W/notify" "OPEN:$W/heard,creat,append" &
MIRRORS+=($!)
until_true 10 test -S "$W/notify"
NO='{"error":{"code":"AF10001","message":"WORD HEAD","type":"security_exception","reason":"WORD HEAD"},"status":401,"text":"WORD HEAD","code":4}'
for name in encoded basic bearer; do refuse $name "401 $NO"; done
refuse proxy "407 $NO"
WATCHDOG_USEC=900000 NOTIFY_SOCKET=$W/notify run
must "with good secrets everything arrives" until_true 40 sinks_whole
[ -z "$FAILED" ] || return 0
for name in encoded basic bearer; do must "$name was refused" until_true 30 is_state $name hold; done
must "the proxy was asked" until_true 10 grep -qa 'Proxy-Authorization' "$W/wire/proxy"
tell_all
must "no secret left its place" nowhere

# Every host refuses, and says what it was told.
refuse login '401 {"error":"invalid_client SECRET","error_description":"AADSTS7000215: Invalid client secret provided: SECRET HEAD","error_codes":[7000215]}'
for name in bulk hec acks; do refuse $name "403 $NO"; done
more 40
for name in elastic splunk splunk-acks; do must "$name holds" until_true 20 is_state $name hold; done
refuse api "403 $NO"
must "the API refuses" until_true 20 grep -q 'AF10001' "$W/log"
refuse api '401 {"Message":"Authorization has been denied for this request: WORD HEAD"}'
kill -HUP "$RUN_PID"
must "no token any more" until_true 30 grep -q 'AADSTS7000215' "$W/log"
tell_all
# A mapping error of one record, and a blob that is gone: what was said of them is kept.
allow login api
refuse bulk '400 {"error":{"type":"mapper_parsing_exception WORD","reason":"failed to parse WORD HEAD"},"status":400}'
refuse hec '400 {"text":"Invalid data format WORD HEAD","code":6,"invalid-event-number":0}'
kill -HUP "$RUN_PID"
must "there are dead letters" until_true 30 eval '! no_dead'
tell_all
must "no refusal spreads the secrets" nowhere

# Another token, and the old one is not used any more.
allow bulk hec acks
hold hec "${C[next]}"
kill -HUP "$RUN_PID"
more 40
must "the new token is used" until_true 20 grep -qa "${C[next]}" "$W/wire/hec"
# A listing that leads elsewhere.
fault foreign-content-uri:100
fault foreign-nextpage:100
more 40
must "a hostile link is refused" until_true 20 grep -q url-refused "$W/log"
tell_all
must "no core is written" grep -qE '^Max core file size +0 +0 ' "/proc/$RUN_PID/limits"
stop
must "the scanner is blind for nothing" nowhere

# Each host heard its own secret and no other.
own() {		# own MIRROR NAMES
	only "$2"
	must "$1 heard its secret (the scanner works)" eval "! perl '$here/canary.pl' '$W/these' '$W/wire/$1' >/dev/null"
	grep -vE "^($2)	" "$W/canaries" >"$W/these"
	must "$1 heard no other" none "$W/these" "$W/wire/$1"
}
own login client
own api token
own bulk key
own encoded key
own basic basic
own bearer bearer
own proxy proxy
own hec 'hec|next'
own acks acks
must "nothing went to the hostile links" jq -e '.token_leaks == 0' <<<"$(report)" >/dev/null

# The control: one that is there is found, in each kind of place.
finds() { ! perl "$here/canary.pl" "$W/these" "$@" >/dev/null; }
printf 'planted\t%s\n' "$PLANTED" >"$W/these"
must "a planted one is found in the archive" finds "$W/archive"
sqlite_plant() { perl -e 'open my $f, ">>", $ARGV[0]; print $f $ARGV[1]' "$W/state/planted.db" "$(printf %s "$PLANTED" | base64)"; finds "$W/state"; }
must "... and in the state" sqlite_plant
rm -f "$W/state/planted.db"
for form in "$PLANTED" "$(printf %s "$PLANTED" | xxd -p | tr -d '\n')" "x=${PLANTED//-/%2D}" "cut: ${PLANTED:0:18}" "$(printf 'user:%s' "$PLANTED" | base64)"; do
	cp "$W/log" "$W/log.planted"
	echo "$form" >>"$W/log.planted"
	must "... and in a log as $form" finds "$W/log.planted"
done
