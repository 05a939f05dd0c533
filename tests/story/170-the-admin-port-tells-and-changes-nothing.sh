# Metrics, health, status and page on loopback; other names, methods and floods are refused; records never show.
sim --records 300
conf
until PORT=$((10000 + RANDOM % 20000)); ! (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; do :; done
sed -i "s/^admin: .*/admin: {listen: 127.0.0.1:$PORT}/" "$W/c.yaml"
A=http://127.0.0.1:$PORT
run
alive() { curl -sf -m 5 "$A/livez" >/dev/null; }
must "it answers" until_true 20 alive
must "everything arrives" until_true 30 complete
get() { curl -s -m 5 -o "$W/body" -w '%{http_code}' "$@"; }

must "ready" test "$(get "$A/readyz")" = 200
must "metrics" test "$(get "$A/metrics")" = 200
must "... are Prometheus' text: every line is a comment or a sample" eval "! grep -vE '^(# (HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+(\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\})? -?[0-9.e+]+)\$' $W/body"
cp "$W/body" "$W/metrics"
must "... with what was stored" grep -qE '^m365fwd_spool_stored_total\{tenant="contoso",feed="audit.exchange"\} [1-9]' "$W/body"
must "... and delivered" grep -qE '^m365fwd_dest_events_total\{output="elastic",result="delivered"\} [1-9]' "$W/body"
must "... every metric has one HELP" test -z "$(grep '^# HELP' "$W/body" | awk '{print $3}' | sort | uniq -d)"
must "status" test "$(get "$A/status")" = 200
must "... is the command's" jq -e '.daemon.version and .sources and .store.spool' "$W/body" >/dev/null
must "the page" test "$(get "$A/")" = 200
must "... has the feeds" grep -q 'audit.exchange' "$W/body"
cp "$W/body" "$W/page"
must "no other path" test "$(get "$A/etc/passwd")" = 404
must "no other method" test "$(get -X POST -d x "$A/status")" = 405
must "no other name (DNS rebinding)" test "$(get -H 'Host: evil.example' "$A/status")" = 403
must "no name at all" test "$(get -H 'Host:' "$A/status")" = 400
must "no head without end" test "$(get -H "X: $(head -c 20000 /dev/zero | tr '\0' x)" "$A/status")" = 431
must "no contents of records anywhere" eval "! grep -qiE 'CreationTime|UserId|sim-secret' $W/page $W/body"

# sixteen that say nothing, and one more that waits no longer than they may
for i in $(seq 1 20); do exec {fd}<>"/dev/tcp/127.0.0.1/$PORT"; FDS="${FDS:-} $fd"; done
silent() { ask status >/dev/null; }
must "silent ones do not stop the forwarder" silent
must "they are let go after ten seconds" until_true 20 alive
for fd in $FDS; do exec {fd}>&-; done

# a port that is taken
sed "s#^state_dir: .*#state_dir: $W/other#" "$W/c.yaml" >"$W/taken.yaml"
RC=0
"$M365FWD" run -c "$W/taken.yaml" 2>"$W/taken.log" || RC=$?
must "a taken port ends with 74" test "$RC" = 74
must "... and says which" grep -q "admin.listen: 127.0.0.1:$PORT: Address already in use" "$W/taken.log"

# it comes and goes with a reload
sed -i 's/^admin: .*/admin: {listen: "off"}/' "$W/c.yaml"
reloads() { ask reload >/dev/null; }
must "reload" reloads
must "it is off" eval "! curl -sf -m 5 $A/livez"
stop
