# Two more ways to be dead: nobody listens, and somebody takes the connection and says nothing. The files are complete
# meanwhile, and what the dead one missed arrives afterwards, once.
sim --records 2000
relay_port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1)->sockport')
# shellcheck disable=SC2154
relay() { perl "$here/relay.pl" "$relay_port" "${SIM##*:}" 2>>"$W/relay.log" & RELAY_PID=$!; }
BULK=http://127.0.0.1:$relay_port
BULK_MORE=', timeout: 3s'
conf
files_complete() { report >"$W/report.json" && jq -e '.files.missing == 0 and .files.twice == 0 and .files.torn == 0 and
    .listed.records >= 2000' "$W/report.json" >/dev/null; }
backs_off() { ask status --json | jq -e '.outputs[] | select(.name == "elastic") | .state | test("back")' >/dev/null; }

run		# nobody listens
must "the files are complete while the connection is refused" until_true 30 files_complete
sleep "$DEAD_SECONDS"
must "the output backs off" backs_off
must "nothing reached it" jq -e '.bulk.documents == 0' "$W/report.json" >/dev/null
relay
must "it catches up" until_true 120 complete

kill -STOP "$RELAY_PID"		# and now it takes connections and is silent
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=500" >/dev/null
more_complete() { files_complete && jq -e '.listed.records >= 2500' "$W/report.json" >/dev/null; }
must "the files are complete while it is silent" until_true 30 more_complete
must "the silent one is given up and backed off from" until_true 30 backs_off
kill -CONT "$RELAY_PID"
must "it catches up again" until_true 120 complete
must "the tallies agree" until_true 10 tallies
stop
kill "$RELAY_PID"
