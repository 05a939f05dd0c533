# shellcheck shell=bash
# A real HEC endpoint, VictoriaLogs behind vmauth with TLS: the store stopped and started under load, 429 while others hold all
# places, a wrong token. Nothing is missing and none is there twice, read back from its store, and what it holds are Microsoft's bytes but
# for white space. Beside it the same store's Bulk dialect.
store_start && front_start || { fail "VictoriaLogs does not start"; return; }
printf '99999999-1111-1111-1111-111111111111\n' >"$W/real-token"
printf 'real-password\n' >"$W/real-password"
chmod 0600 "$W/real-token" "$W/real-password"
# Its limit for an event is 2 MiB, above which it answers 200 and drops it: no odd, large records here.
sim --records 2000 --rate 150 --odd 0
OUTPUT_YAML="  - {name: splunk, type: hec, url: \"$FRONT_URL\", token: \"file:$W/real-token\", schema: native, redact: [], ca_file: $W/front.crt, batch: {linger: 200ms, bytes: 200KB}}
  - {name: elastic, type: bulk, url: \"$FRONT_URL/insert/elasticsearch\", username: writer, password: \"file:$W/real-password\", ca_file: $W/front.crt, schema: ecs,
     headers: {VL-Time-Field: '@timestamp', VL-Msg-Field: event.action}, batch: {linger: 200ms, bytes: 500KB}}
  - {name: archive, type: file, path: $W/archive, schema: raw, batch: {linger: 500ms}}"
SINKS='splunk elastic archive'
conf
held() { curl -fs "$STORE/select/logsql/query" --data-urlencode "query=* | stats count() n" | jq -r '.n // 0' | grep . || echo 0; }
holds_more() { [ "$(held)" -gt "$1" ]; }
run
must "a wrong token holds" until_true 20 is_state splunk hold
must "and is said once" said 'output-hold: splunk'
printf '%s\n' "$REAL_TOKEN" >"$W/real-token"
kill -HUP "$RUN_PID"
must "with the right one events arrive" until_true 30 eval 'is_state splunk idle || is_state splunk sending || is_state splunk waiting'
must "... in its store" until_true 30 holds_more 1000
for round in 1 2; do
	store_end
	sleep 3
	must "the store starts again" store_start
	before=$(held)
	kill -HUP "$RUN_PID"
	must "round $round: events arrive again" until_true 60 holds_more "$before"
done
# One place, which somebody else takes: uploads of white space that take their time.
front_end
must "a front with one place" front_start 1 200ms
head -c 3000 /dev/zero | tr '\0' ' ' >"$W/blanks"
uploads=
for _ in 1 2 3; do
	curl -s -m 12 -o /dev/null --cacert "$W/front.crt" --limit-rate 300 -H "Authorization: Splunk $REAL_TOKEN" -H 'Content-Type: application/json' \
	    --data-binary "@$W/blanks" "$FRONT_URL/services/collector/event" &
	uploads="$uploads $!"
done
must "429 was met" until_true 30 grep -q 'HTTP 429' "$W/log"
for pid in $uploads; do wait "$pid"; done
front_end
must "a front with room" front_start
curl -fsS -o /dev/null -X POST "$SIM/sim/rate?rate=0"
kill -HUP "$RUN_PID"
must "the forwarder says that all is delivered" until_true 90 all_delivered
stop
once 120s		# what was listed in the last moment
must "run --once has nothing left" test "$RC" = 0
store_events >"$W/events" || fail "events cannot be read back"
jq -r 'select(.sourcetype) | "{\"time\":1,\"event\":" + ._msg + "}"' "$W/events" >"$W/envelopes"
# The Bulk dialect keeps no _id: each document gets its number.
jq -r 'select(.sourcetype | not) | [._time, .["event.id"]] | @tsv' "$W/events" |
    awk -F '\t' '{ printf "{\"create\":{\"_index\":\"victoria\",\"_id\":\"%d\"}}\n{\"@timestamp\":\"%s\",\"event\":{\"id\":\"%s\"}}\n", NR, $1, $2 }' >"$W/documents"
to_oracle_bulk "$W/documents" || fail "the oracle does not take the documents"
to_oracle_hec "$W/envelopes" || fail "the oracle does not take the events"
report >"$W/report.json"
must "HEC: nothing missing, none twice, bytes as Microsoft sent them but for white space" jq -e '.hec.tokens.plain | .due > 3000 and
    .missing == 0 and .twice == 0 and .unexpected == 0 and .differ == 0' "$W/report.json" >/dev/null
must "Bulk dialect: nothing missing, none twice" sink_whole elastic
must "no dead letter" no_dead
must "no secret and no record was logged" eval "! grep -qE '$REAL_TOKEN|real-password' $W/log"
jq -r '"    HEC: \(.hec.tokens.plain.due) due, missing \(.hec.tokens.plain.missing), twice \(.hec.tokens.plain.twice), differ \(.hec.tokens.plain.differ); " +
    "Bulk dialect: missing \(.bulk.missing), twice \(.bulk.created_twice)"' "$W/report.json"
front_end
store_end
