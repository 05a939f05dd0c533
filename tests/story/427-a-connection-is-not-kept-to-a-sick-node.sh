# S02: behind a balancer each new connection goes to the next of two nodes, and one of them answers 503 for ever, over a connection
# it keeps open. After a refusal the next try takes a new connection: the sick node sees a handful of requests, no more.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"

# The sick node: another simulator.
"$M365SIM" --port 0 --port-file "$W/sick.port" --throttle 0 --fault bulk-503 --fault hec-code:9 >"$W/sick.log" 2>&1 &
SICK_PID=$!
until_true 10 test -s "$W/sick.port"
SICK=$(cat "$W/sick.port")
sick_hits() { curl -sf "http://127.0.0.1:$SICK/sim/faults" | jq --arg f "$1" '.[] | select(.name == $f) | .hits'; }

sim --records 3000
balancer=$(perl -MIO::Socket::INET -e "print IO::Socket::INET->new(Listen => 1)->sockport")
perl "$here/relay.pl" "$balancer" "$SICK" "${SIM##*:}" 2>"$W/relay.log" &
RELAY_PID=$!
BULK="http://127.0.0.1:$balancer" HEC="http://127.0.0.1:$balancer" sinks_conf elastic splunk
run
must "everything is delivered within a minute" until_true 60 sinks_whole
bulk=$(sick_hits bulk-503) hec=$(sick_hits hec-code)
must "the sick node saw a handful of requests of Bulk ($bulk)" test "$bulk" -le 8
must "and of HEC ($hec)" test "$hec" -le 8
must "it saw some" test "$((bulk + hec))" -ge 1
must "no dead letter" no_dead
printf '    requests: sound %s, sick %s (Bulk) and %s (HEC)\n' "$(jq .bulk.requests "$W/report.json")" "$bulk" "$hec"
stop
kill "$RELAY_PID" "$SICK_PID"
