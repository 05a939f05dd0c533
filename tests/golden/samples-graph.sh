#!/bin/bash
# Sign-ins and directory audits of the shared folder through the mapping, unwrapped from the envelope of the diagnostic stream. Only
# .ci/run calls it: nothing of that folder is part of this tree.
#	tests/golden/samples-graph.sh SHARED TREE [TABLE]
# Every record must be mapped without an error, to what an index takes, and arrive with every value it had. Where there is an expected
# document (Filebeat, 2022) each difference must have its reason in why() below; TABLE gets them, one line each.
set -u
shared=$1 m365fwd=$2/m365fwd table=${3:-/dev/stdout}
work=$(mktemp -d /tmp/m365fwd-samples.XXXXXX)
trap 'rm -rf "$work"' EXIT
records=0 skipped=0 failed=0

fail() {
	failed=$((failed + 1))
	printf 'FAIL %s\n' "$*"
}

# A line of the stream as {feed, tenant, row}: Graph's row is what stands in properties. Rows of Log Analytics (columns with capitals, lists
# as text) are turned back first. What is neither a sign-in nor a directory audit has feed null.
unwrap='
def feed: {SignInLogs: "signin.interactive", NonInteractiveUserSignInLogs: "signin.noninteractive",
    ServicePrincipalSignInLogs: "signin.serviceprincipal", ManagedIdentitySignInLogs: "signin.managedidentity",
    AuditLogs: "directory.audit"}[.category // ""];
def opened: if type == "string" then (fromjson? // .) else . end;
if .TimeGenerated then
    {feed: "directory.audit", tenant: (.AADTenantId // .TenantId), row: {id: .Id, activityDateTime: .TimeGenerated,
	activityDisplayName: .OperationName, category: .Category, correlationId: .CorrelationId, result: .Result,
	loggedByService: .LoggedByService, operationType: .AADOperationType, initiatedBy: (.InitiatedBy | opened),
	targetResources: (.TargetResources | opened), additionalDetails: (.AdditionalDetails | opened)}}
elif .properties.activityDateTime? then {feed: "directory.audit", tenant: .tenantId, row: .properties}
elif (.properties | type) == "object" then
    {feed: feed, tenant: .tenantId, row: ({createdDateTime: .time} + .properties)}
elif .appId? and .id? and .createdDateTime? then {feed: "signin.interactive", tenant: null, row: .}
else {feed: null} end'

# Every scalar but null, as text, one a line; JSON in text is opened too. What is left out is what the specification leaves out. A name has
# "_" for ".", a time without zone is UTC, in milliseconds.
scalars='
def opened: if type == "string" and (startswith("{") or startswith("[")) then (fromjson? // .) else . end;
def leaves: opened | if type == "object" then .[] | leaves elif type == "array" then .[] | leaves
    elif . == null or . == "" then empty else tostring | sub("^(?<d>\\d{4}-\\d\\d-\\d\\d) (?<t>[0-9:]{8}([.]\\d{1,3})?)\\d*$"; "\(.d)T\(.t)") |
	gsub("[.]"; "_") end;
leaves'
left_out='del(.initiatedBy.user?["@odata.type"]?) |
if .status.errorCode? == 0 then del(.status.failureReason) else . end |
if (.authenticationProcessingDetails? | type) == "array" then
    .authenticationProcessingDetails |= map(select(.value != "" and .value != null)) else . end |
if .userId? == "00000000-0000-0000-0000-000000000000" then del(.userId) else . end'

map_line() {	# map_line FILE NUMBER LINE: the event in $work/event
	local feed tenant
	feed=$(jq -r .feed <<<"$3") tenant=$(jq -r '.tenant // empty' <<<"$3")
	[[ $tenant =~ ^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$ ]] || tenant=11111111-2222-3333-4444-555555555555
	jq -c .row <<<"$3" >"$work/row"
	for schema in ecs native; do
		"$m365fwd" map --feed "$feed" --schema $schema --tenant "$tenant" <"$work/row" >"$work/$schema" 2>"$work/err" ||
			fail "$1:$2 $schema: $(head -n 1 "$work/err")"
		jq -e . "$work/$schema" >/dev/null || fail "$1:$2 $schema: no JSON"
	done
	jq -e 'has("error") | not' "$work/ecs" >/dev/null || fail "$1:$2: $(jq -r .error.message "$work/ecs")"
	jq -r "$left_out | $scalars" "$work/row" | tr '[:upper:]' '[:lower:]' | sort -u >"$work/want"
	for schema in ecs native; do
		jq -r "([paths | .[-1] | strings] | map(gsub(\"[.]\"; \"_\"))) + [$scalars] | .[]" "$work/$schema" | tr '[:upper:]' '[:lower:]' >"$work/have"
		# a reason and its details make one message
		grep -vxFf "$work/have" "$work/want" | while IFS= read -r value; do
			grep -qF -- "$value" "$work/have" || printf '%s\n' "$value"
		done >"$work/lost"
		[ ! -s "$work/lost" ] || fail "$1:$2 $schema: lost: $(head -n 3 "$work/lost" | tr '\n' '|')"
	done
}

# A document as "path<TAB>value" lines, lists as one value.
flat='
def walk_down($p): if type == "object" then to_entries[] | .key as $k | .value | walk_down(if $p == "" then $k else $p + "." + $k end)
    else [$p, (if type == "array" then map(tostring) | join(",") else tostring end)] | @tsv end;
walk_down("")'

why() {	# why PATH EXPECTED: the reason for a difference from Filebeat's document; nothing: there is none
	case $1 in
	event.original|input.*|log.offset|service.type|fileset.*|agent.*|ecs.version|tags)
		echo "the reader's own (event.original only when asked for)";;
	data_stream.*|event.created|event.ingested)	echo "Filebeat 2022 had none";;
	source.as.*|source.geo.*|user_agent.name|user_agent.version|user_agent.os.*|user_agent.device.*)
		echo "made by Elasticsearch's processors, not by the sender";;
	azure.signinlogs.result_signature)	echo "rules of 2026 ask for SUCCESS and FAILURE";;
	user.name|user.domain|user.email)	echo "user.name is the whole UPN now, the domain is not split off";;
	user.id|related.user|related.entity)	echo "newer pipeline: ids and the full name too";;
	geo.country_name|geo.region_name)	echo "the state is geo.region_name now";;
	log.level)				echo "Level is text in ecs, also where the sample has none";;
	azure.signinlogs.properties.tenant_id)	echo "a rule reads it; Graph has no such property";;
	azure.signinlogs.properties.user_type)	echo "rules ask for Member and Guest";;
	azure.signinlogs.properties.authentication_processing_details*) echo "pairs become an object now";;
	source.address|client.ip|service.name|azure.signinlogs.caller_ip_address|event.type|cloud.provider|message)
		echo "newer pipeline sets it";;
	azure.correlation_id|azure.signinlogs.category|azure.signinlogs.identity|azure.signinlogs.result_*)
		echo "of the envelope: ours is made from the row and the feed";;
	azure.tenant_id|azure.resource.id)	echo "the sample's tenant is no GUID: mapped as another";;
	azure.signinlogs.properties.applied_conditional_access_policies)
		echo "the fixture sorts lists and keeps empty ones; ours are in Microsoft's order";;
	*)
		[ -n "$2" ] || echo "empty values are dropped";;
	esac
}

compare() {	# compare FILE NUMBER EXPECTED: one line in the table for each difference
	jq -r "$flat" "$work/ecs" | sort >"$work/ours"
	jq -r '. as $d | reduce keys_unsorted[] as $k ({}; setpath($k / "."; $d[$k]))'" | $flat" <<<"$3" | sort >"$work/theirs"
	join -t "$(printf '\t')" -a 1 -a 2 -o 0,1.2,2.2 -e '' "$work/ours" "$work/theirs" | while IFS= read -r line; do
		path=${line%%$'\t'*} line=${line#*$'\t'} ours=${line%%$'\t'*} theirs=${line#*$'\t'}
		[ "$ours" = "$theirs" ] || {
			reason=$(why "$path" "$theirs")
			printf '%s:%s\t%s\t%.60s\t%.60s\t%s\n' "$1" "$2" "$path" "$ours" "$theirs" "${reason:-NO REASON}"
		}
	done >>"$work/table"
}

for file in "$shared"/data/filebeat-signin/*.ndjson "$shared"/data/otrf-golden-saml-directory-audits.ndjson \
    "$shared"/data/panther-entra.ndjson "$shared"/data/splunk-entra.ndjson "$shared"/cases/*.signin.ndjson; do
	[ -e "$file" ] || continue
	name=${file#"$shared"/} number=0 expected=${file%.ndjson}.expected.json
	while IFS= read -r line; do
		number=$((number + 1))
		if [ "$(jq -r .feed <<<"$line")" = null ]; then
			skipped=$((skipped + 1))
			continue
		fi
		records=$((records + 1))
		map_line "$name" "$number" "$line"
		[ ! -e "$expected" ] || compare "$name" "$number" "$(jq -c ".[$((number - 1))]" "$expected")"
	done < <(jq -c "$unwrap" "$file")
done
{
	printf 'record\tfield\tours\texpected\twhy\n'
	cat "$work/table"
} >"$table"
unexplained=$(grep -c 'NO REASON$' "$work/table")
[ "$unexplained" -eq 0 ] || fail "$unexplained differences without a reason"
printf '%d records mapped, %d of other services left alone, %d differences from expected documents, %d failures\n' \
    "$records" "$skipped" "$(wc -l <"$work/table")" "$failed"
[ "$failed" -eq 0 ] && [ "$records" -gt 0 ]
