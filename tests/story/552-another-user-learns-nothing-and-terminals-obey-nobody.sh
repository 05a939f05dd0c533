# Another user of the machine reads neither the spool nor the socket, and our own user not even the process; and what attackers write
# into records, or servers into answers, moves no cursor and ends no line: in files, Bulk, HEC, the log and what commands print.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null || skip "needs root and setpriv, to be two users"
ME=65533 OTHER=65534
X=$(mktemp -d /tmp/m365fwd-users.XXXXXX)
cp "$M365FWD" "$X/m365fwd"
as() { local id=$1; shift; setpriv --reuid "$id" --regid "$id" --clear-groups "$@"; }

# What a mail's subject or a file's name may say: terminal sequences, C1 bytes, the end of a line and of a string.
ESC='\u001b]0;owned\u0007\u001b[2J\u009b1m\u0000\r\n\",\"x\":1}\n{\"index\":{}}\n'
for i in 1 2; do
	printf '{"CreationTime":"%s","Id":"5eed0001-0000-4000-8000-00000000000%d","Operation":"FileAccessed","RecordType":6,"Workload":"SharePoint","OrganizationId":"%s","UserId":"%s"}\n' \
	    "$(date -u -d '-2 hours' +%FT%T)" "$i" "$TENANT" "$i$ESC"
done >"$W/events"
sim --records 60 --events "$W/events" --bulk-dump "$W/bulk.dump" --hec-dump "$W/hec.dump"
until PORT=$((10000 + RANDOM % 20000)); ! (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; do :; done
perl "$here/mirror.pl" "$PORT" "${SIM##*:}" "$W/wire" "$W/switch" &
MIRROR=$!
trap 'kill $MIRROR; end_story; rm -rf "$X"' EXIT
until_true 10 test -e "$W/wire"
BULK=http://127.0.0.1:$PORT sinks_conf elastic splunk archive
sed -i "s#$W/state#$X/state#; s#$W/archive#$X/archive#; s#file:$W/#file:$X/#g" "$W/c.yaml"
cp "$W/secret" "$W/plain" "$W/c.yaml" "$X"
chown -R $ME:$ME "$X"
chmod 0755 "$X"
report() { curl -sf "$SIM/sim/report?files=$X/archive"; }
setpriv --reuid $ME --regid $ME --clear-groups "$X/m365fwd" run -c "$X/c.yaml" >"$W/log" 2>&1 &	# not by as: its process is meant
RUN_PID=$!
must "everything arrives, as another user" until_true 40 sinks_whole

denied() { ! as "$@" >/dev/null 2>"$W/denied" && grep -q 'ermission denied' "$W/denied"; }
for file in state state/state.db state/state.db-wal state/ctl.sock archive secret; do
	must "another user does not get at $file" denied $OTHER head -c 1 "$X/$file"
done
talk() {	# talk UID: what the socket answers
	as "$1" perl -MIO::Socket::UNIX -e '$SIG{PIPE} = "IGNORE"; alarm 10; $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit;
	    syswrite $s, "status\n"; print while sysread $s, $_, 4096' "$X/state/ctl.sock"
}
for mode in "0700 state" "0711 state" "0666 state/ctl.sock"; do
	chmod "${mode% *}" "$X/${mode#* }"
	must "another user gets no answer after chmod $mode" test -z "$(talk $OTHER)"
done
must "... which our own user does (the question was right)" grep -q '"spool"' <<<"$(talk $ME)"
chmod 0600 "$X/state/ctl.sock"
chmod 0700 "$X/state"
for file in environ mem maps; do
	must "nor does our own user get at the process: $file" denied $ME head -c 1 "/proc/$RUN_PID/$file"
done

# A refusal with the same bytes in it: it goes into the log, states, dead letters.
printf '400 {"error":{"type":"x_exception %s","reason":"no: %s"},"status":400}\n' "$ESC" "$ESC" >"$W/switch"
more 3
must "there are dead letters" until_true 30 eval '! no_dead'
rm "$W/switch"
for name in "status" "gaps" "dead list" "dead list --json" "dead show 1" "dead export" "status --json"; do
	# shellcheck disable=SC2086
	ask $name >>"$W/said"
done
"$X/m365fwd" map --feed audit.sharepoint --schema ecs --explain <"$W/events" >>"$W/said"
# Tab and line feed are ours; C1 stands there as UTF-8.
obeyed() { LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$1"; }
printf 'x\033[2J\n' >"$W/control"
must "the search finds one (control)" obeyed "$W/control"
must "what attackers wrote was asked for" grep -q 'owned' "$W/said"
for file in said log; do must "no control byte in $file" eval "! obeyed '$W/$file'"; done
cat "$W/bulk.dump" "$W/hec.dump" <(zcat "$X"/archive/*/*/*/*.gz) >"$W/sent"
lines() { LC_ALL=C grep -caP '[\x00-\x1f\x7f]' "$1"; }
must "no control byte was sent or filed" test "$(lines "$W/sent")" = 0
must "what attackers wrote was sent" test "$(grep -c owned "$W/sent")" -ge 6
must "each line is whole" test "$(jq -c . "$W/bulk.dump" | wc -l)" = "$(wc -l <"$W/bulk.dump")"
stop
cp -a "$X/state" "$W/state"	# what the tallies say is looked at there
