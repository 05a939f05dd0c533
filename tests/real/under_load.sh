# shellcheck shell=bash
# A node under load that is killed: what the stories of OpenSearch and Elasticsearch share.

template() {	# template JSON: of all data streams logs-*-*
	must "a template" curl -fsS -o /dev/null -X PUT "$NODE/_index_template/logs" -H 'Content-Type: application/json' -d "$1"
}

# Mappings as wide as ours, every text a keyword.
MAPPINGS='"date_detection":false,"dynamic_templates":[{"text":{"match_mapping_type":"string","mapping":{"type":"keyword","ignore_above":1024}}}]'
SETTINGS='"number_of_replicas":0,"mapping.total_fields.limit":5000'

count() { curl -fs "$NODE/logs-*/_count" | jq '.count // 0' | grep . || echo 0; }
grows() { [ "$(count)" -gt "$1" ]; }
no_more() { curl -fsS -o /dev/null -X POST "$SIM/sim/rate?rate=0"; }

killed_and_started() {	# killed_and_started KIND: and documents arrive again
	local before
	node_end "$1" KILL
	sleep 2
	must "$1 starts again" node_start "$1"
	before=$(count)
	must "documents arrive again" until_true 70 grows "$before"
}

# The archive is complete and no output has anything left: the forwarder says that all is delivered.
all_delivered() {
	ask status --json >"$W/status.json" && report >"$W/report.json" && jq -e '.files.missing == 0 and .files.due > 3000' "$W/report.json" >/dev/null &&
	    jq -e '[.outputs[] | .state == "idle"] | all' "$W/status.json" >/dev/null
}

verdict() {	# verdict DOCUMENTS: what the store holds, by the oracle
	to_oracle_bulk "$1" || fail "the oracle does not take what was read back"
	report >"$W/report.json"
	must "nothing is missing, none is there twice" sink_whole elastic
	must "no dead letter" no_dead
	jq -r '"    \(.bulk.due) due, missing \(.bulk.missing), twice \(.bulk.created_twice)"' "$W/report.json"
}
