# shellcheck shell=bash
# A real OpenSearch with our templates takes every event of the golden cases, whatever is wrong with its record, and finds by what
# rules ask for: an index fixes the kind of a field with its first document, and refuses a document for one value.
node_start opensearch || { fail "OpenSearch does not start"; return; }
# shellcheck disable=SC2154	# lib.sh sets $real
golden=$real/../golden contrib=$real/../../contrib/opensearch
put() { curl -fsS -o /dev/null -X PUT -H 'Content-Type: application/json' --data-binary "@$2" "$NODE/$1"; }
for kind in component index; do
	for f in "$contrib/${kind}_template-"*.json; do
		name=$(basename "$f" .json)
		must "$name" put "_${kind}_template/${name#*-}" "$f"
	done
done
cat "$golden"/*.out.json | jq -c '{create: {_index: "logs-\(.data_stream.dataset)-default"}}, .' >"$W/bulk"
must "one request" curl -fsS -o "$W/reply" -H 'Content-Type: application/x-ndjson' --data-binary "@$W/bulk" "$NODE/_bulk?refresh=true"
jq -r '.items[].create | select(.error) | "    \(._index): \(.error.reason)"' "$W/reply"
all_taken() { jq -e '.errors == false and (.items | length) > 60' "$W/reply" >/dev/null; }
must "all are taken" all_taken
jq -r '"    \(.items | length) events in \([.items[].create._index] | unique | length) data streams"' "$W/reply"

found() {	# found DATASET TERM...: documents that have all of these
	local set=$1
	shift
	printf '%s\n' "$@" | jq -R 'split("=") | {term: {(.[0]): (.[1:] | join("="))}}' | jq -s '{query: {bool: {filter: .}}}' |
		curl -fsS -H 'Content-Type: application/json' --data-binary @- "$NODE/logs-$set-*/_count" | jq -e '.count > 0' >/dev/null
}
must "sign-ins by what a rule asks" found azure.signinlogs event.category=authentication event.outcome=failure \
    azure.signinlogs.category=ManagedIdentitySignInLogs azure.signinlogs.properties.status.error_code=7000222
must "policies by their result" found azure.signinlogs azure.signinlogs.properties.applied_conditional_access_policies.result=success
must "directory audits by place" found azure.auditlogs event.outcome=success \
    'azure.auditlogs.properties.target_resources.0.modified_properties.1.new_value="Global Administrator"'
must "detections by their details" found azure.identity_protection azure.identityprotection.properties.risk_level=high \
    azure.identityprotection.properties.additional_info.Key=userAgent source.ip=203.0.113.0/24
must "alerts by host and evidence" found m365_defender.alert host.name=pc-1.contoso.example event.severity=47 \
    m365_defender.alert.evidence.roles=compromised
must "incidents" found m365_defender.incident m365_defender.incident.status=redirected event.severity=73
must "provisioning" found azure.provisioning azure.provisioning.result_type=Failure event.outcome=failure
node_end opensearch
