# An output leaves the configuration with records still owed to it: it may come back within a day and gets them all; after a day they
# are released, with gap records that name it. A new output starts with what comes, or with the oldest record that is spooled.
sim --now 2026-11-23T08:00:00 --clock-rate 3600 --records 1200 --fault bulk-503
simulated_time
export INTERVAL=10m
conf
cp "$W/c.yaml" "$W/with.yaml"
grep -v 'name: elastic' "$W/with.yaml" >"$W/without.yaml"
status() { ask status --json >"$W/status.json"; }
owed() { status && jq -e '.store.spool.records > 1000' "$W/status.json" >/dev/null; }
run
must "records wait for the cluster" until_true 60 owed
stop

# gone, for two hours
cp "$W/without.yaml" "$W/c.yaml"
run
past() { [[ $(sim_now) > $1 ]]; }
must "two hours pass" until_true 60 past "$(date -u -d "$(sim_now) + 2 hours" +%FT%T)"
must "what it is owed is kept" owed
stop

# back, and two new ones beside it
cp "$W/with.yaml" "$W/c.yaml"
cat >>"$W/c.yaml" <<-EOF
	  - {name: late, type: file, path: $W/late, schema: raw, batch: {linger: 500ms}}
	  - {name: early, type: file, path: $W/early, schema: raw, start_at: oldest, batch: {linger: 500ms}}
EOF
run
early_has_all() { status && jq -e '.store.tallies["delivered:early"] >= 1000' "$W/status.json" >/dev/null; }
must "start_at: oldest gets what is spooled" until_true 60 early_has_all
must "start_at: now gets none of it" jq -e '.store.tallies | has("delivered:late") | not' "$W/status.json" >/dev/null
stop

# gone for good
cp "$W/without.yaml" "$W/c.yaml"
run
must "a day and more passes" until_true 120 past "$(date -u -d "$(sim_now) + 26 hours" +%FT%T)"
released() { status && jq -e '.store.spool.records == 0' "$W/status.json" >/dev/null; }
must "what it was owed is released" until_true 60 released
must "... as gap records that name it" test "$(ask gaps --json | jq -r 'select(.reason == "output-removed") | .output' | sort -u)" = elastic
must "... and as dropped" jq -e '.store.tallies | .["dropped:elastic"] == .stored' "$W/status.json" >/dev/null
stop
files_complete() { report >"$W/report.json" && jq -e '.files.missing == 0 and .files.twice == 0' "$W/report.json" >/dev/null; }
must "the files were complete all the while" files_complete
