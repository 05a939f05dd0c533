#!/bin/bash
# selftest_graph.sh - walks m365sim's Microsoft Graph with curl: is it what doc/simulator.md says?

[ -n "$BASH_VERSION" ] || exec bash "$0" "$@"
# shellcheck source=tests/sim/selftest_lib.sh
. "$(dirname "$0")/selftest_lib.sh"

# The clock stands nearly still, so that windows of an hour mean the same in every question.
now=2026-11-23T12:00:00
begin --now "$now" --clock-rate 0.001 --graph-throttle off --graph-rows 4000 --records 10 --graph-late 0 --trap-port 0
get_token

graph() { api -g "$base/$1"; }					# graph PATH-AND-QUERY
error() { jq -r '.error.code' <"$dir/body"; }
rows() { jq '.value|length' <"$dir/body"; }
link() { jq -r '."@odata.nextLink" // empty' <"$dir/body"; }
times() { jq '[.value[].createdDateTime|select(. < "2027")]' <"$dir/body"; }	# a few rows bear one of next year
ids() { jq -r '.value[].id' <"$dir/body"; }
span="%20ge%202026-11-23T08:00:00Z"
kind() { echo "beta/auditLogs/signIns?\$filter=createdDateTime$span%20and%20signInEventTypes/any(t:%20t%20eq%20'$1')&\$orderby=createdDateTime"; }
all_ids() {							# all_ids PATH: every id of the whole chain, in order
	graph "$1"; ids
	while [ -n "$(link)" ]; do api -g "$(link)"; ids; done
}

# --- sign-ins ---
graph "beta/auditLogs/signIns"
is "interactive only without event types" "$(jq -c '[.value[].signInEventTypes[0]]|unique' <"$dir/body")" '["interactiveUser"]'
is "newest first" "$(times | jq '. == (sort|reverse)')" true
for k in interactiveUser nonInteractiveUser servicePrincipal managedIdentity; do
	graph "$(kind $k)"; is "$k" "$(jq -c '[.value[].signInEventTypes[0]]|unique' <"$dir/body")" "[\"$k\"]"
done
is "ascending when asked" "$(times | jq '. == sort')" true
graph "beta/auditLogs/signIns?\$filter=signInEventTypes/any(t:t%20eq%20'interactiveUser'%20or%20t%20eq%20'nonInteractiveUser')"
is "both kinds of users" "$(jq '[.value[].signInEventTypes[0]]|unique|length' <"$dir/body")" 2
graph "beta/auditLogs/signIns?\$filter=signInEventTypes/any(t:t%20eq%20'interactiveUser'%20or%20t%20eq%20'servicePrincipal')"
is "users and principals together are refused" "$status" 400
graph "v1.0/auditLogs/signIns?\$filter=signInEventTypes/any(t:t%20eq%20'servicePrincipal')"
has "v1.0 does not know signInEventTypes" "$status $(body)" "Could not find a property named 'signInEventTypes'"
graph "v1.0/auditLogs/signIns?\$skip=5";		has "\$skip" "$status $(body)" "'Skip' is not allowed"
graph "v1.0/auditLogs/signIns?\$filter=createdDateTime%20ge%20'2026-11-23T08:00:00Z'"; has "a quoted time" "$status $(body)" "400"
graph "v1.0/auditLogs/signIns?\$filter=createdDateTime%20ge%202026-10-01T08:00:00Z"
has "older than the service keeps" "$status $(body)" "Invalid filter clause"
graph "$(kind nonInteractiveUser)&\$top=5000"; is "no more than there is" "$([ "$(rows)" -le 1000 ] && echo yes)" yes

# --- every property of spec section 2.3 ---
cat >"$dir/names" <<'END'
agent alternateSignInName appDisplayName appId appliedConditionalAccessPolicies appliedEventListeners appOwnerTenantId
appTokenProtectionStatus authenticationAppDeviceDetails authenticationAppPolicyEvaluationDetails
authenticationContextClassReferences authenticationDetails authenticationMethodsUsed authenticationProcessingDetails
authenticationProtocol authenticationRequirement authenticationRequirementPolicies autonomousSystemNumber azureResourceId
clientAppUsed clientCredentialType clientSessionId conditionalAccessAudiences conditionalAccessStatus correlationId createdDateTime
crossTenantAccessType deviceDetail federatedCredentialId flaggedForReview globalSecureAccessIpAddress homeTenantId homeTenantName id
incomingTokenType ipAddress ipAddressFromResourceProvider isInteractive isTenantRestricted isThroughGlobalSecureAccess location
managedServiceIdentity mfaDetail networkLocationDetails originalRequestId originalTransferMethod privateLinkDetails
processingTimeInMilliseconds resourceDisplayName resourceId resourceOwnerTenantId resourceServicePrincipalId resourceTenantId riskDetail
riskEventTypes riskEventTypes_v2 riskLevelAggregated riskLevelDuringSignIn riskState rootActorId servicePrincipalCredentialKeyId
servicePrincipalCredentialThumbprint servicePrincipalId servicePrincipalName sessionId sessionLifetimePolicies signInEventTypes
signInIdentifier signInIdentifierType signInTokenProtectionStatus status tokenIssuerName tokenIssuerType tokenProtectionStatusDetails
uniqueTokenIdentifier userAgent userDisplayName userId userPrincipalName userType
END
graph "$(kind servicePrincipal)&\$top=1"
missing=$(tr ' ' '\n' <"$dir/names" | while read -r n; do jq -e --arg n "$n" '.value[0]|has($n)' <"$dir/body" >/dev/null || echo "$n"; done)
is "a row has every property" "$missing" ""
has "seven digits" "$(jq -r '.value[0].createdDateTime' <"$dir/body" | grep -cE '\.[0-9]{7}Z$')" 1

# --- pages ---
all_ids "$(kind servicePrincipal)" >"$dir/whole"
all_ids "$(kind servicePrincipal)&\$top=7" >"$dir/paged"
cmp -s "$dir/whole" "$dir/paged" && ok "pages of 7 are the whole" || fail "pages of 7" "$(wc -l <"$dir/paged") of $(wc -l <"$dir/whole")"
graph "$(kind servicePrincipal)&\$top=7"; a=$(link)
api -g "${a%????}0000";					is "a forged skiptoken" "$status" 400
fault set=graph-skiptoken:100; api -g "$a";		has "an expired skiptoken" "$status $(body)" "Invalid skip token"; fault clear=all
fault set=graph-empty-page:100; graph "$(kind servicePrincipal)&\$top=7"
is "an empty page goes on" "$(rows) $([ -n "$(link)" ] && echo on)" "0 on"; fault clear=all
api -g "$(link)"; is "and the rows come behind it" "$(ids | head -3)" "$(head -3 "$dir/whole")"
fault set=graph-shift; all_ids "$(kind servicePrincipal)&\$top=7" >"$dir/paged"; fault clear=all
cmp -s "$dir/whole" "$dir/paged" && ok "pages that count rows are the whole when nothing moves" || fail graph-shift "differs"
fault set=graph-small-page:100; all_ids "$(kind servicePrincipal)&\$top=20" >"$dir/paged"; fault clear=all
cmp -s "$dir/whole" "$dir/paged" && ok "smaller pages are the whole" || fail graph-small-page "differs"
fault set=graph-early-end:100; graph "$(kind servicePrincipal)&\$top=7"; is "a chain that ends early" "$(rows)$(link)" 7; fault clear=all
fault set=graph-foreign-next:100; graph "$(kind servicePrincipal)&\$top=7"
has "a foreign nextLink" "$(link)" "$(sed -n 's/.*trap on //p' "$dir/out")"; fault clear=all
fault set=graph-reshuffle:100; graph "$(kind servicePrincipal)"; fault clear=all
is "reshuffled rows are JSON without nulls at the top" "$(jq '[.value[]|to_entries[]|select(.value == null)]|length' <"$dir/body")" 0

# --- the others ---
graph "v1.0/auditLogs/directoryAudits?\$filter=activityDateTime$span%20and%20activityDateTime%20le%202026-11-23T12:00:00Z&\$orderby=activityDateTime"
has "directory audits with ids that are no GUIDs" "$status $(ids)" Directory_
graph "v1.0/auditLogs/provisioning?\$filter=activityDateTime$span";	is "provisioning knows no ge" "$status" 400
graph "v1.0/auditLogs/provisioning?\$filter=activityDateTime%20gt%202026-11-22T08:00:00Z&\$orderby=activityDateTime"
is "and keeps no order" "$(jq '[.value[].activityDateTime] == ([.value[].activityDateTime]|sort)' <"$dir/body")" false
graph "v1.0/identityProtection/riskDetections";		is "risk in twenties" "$(rows)" 20
graph "v1.0/identityProtection/riskDetections?\$top=501"; has "risk at most 500" "$status $(body)" "Must be between 1 and 500"
graph "v1.0/identityProtection/servicePrincipalRiskDetections"; has "risk of principals" "$(body)" keyIds
graph "v1.0/security/alerts_v2?\$filter=lastUpdateDateTime$span&\$orderby=lastUpdateDateTime%20asc"; has "alerts" "$status $(body)" '200 {'
graph "v1.0/security/incidents?\$top=51";		is "incidents at most 50" "$status" 400
graph "v1.0/nothing";					is "no such path" "$status" 400

# --- who may ask ---
get_token "" "" "https://manage.office.com/.default"; graph "v1.0/auditLogs/directoryAudits"
has "another audience's token" "$status $(body)" "Invalid audience"
curl -s -o /dev/null -X POST "$base/sim/graph?roles=SecurityAlert.Read.All"; get_token
graph "v1.0/auditLogs/directoryAudits";			is "a missing role" "$status $(error)" "403 Authentication_MSGraphPermissionMissing"
graph "v1.0/security/incidents";			is "of another service" "$status $(error)" "403 Forbidden"
graph "v1.0/security/alerts_v2";			is "the role there is" "$status" 200
curl -s -o /dev/null -X POST "$base/sim/graph?roles=AuditLog.Read.All"; get_token
fault set=graph-no-p1; graph "v1.0/auditLogs/signIns"
is "no P1" "$status $(error)" "403 Authentication_RequestFromNonPremiumTenantOrB2CTenant"
graph "v1.0/auditLogs/directoryAudits";			is "directory audits need none" "$status" 200; fault clear=all
fault set=graph-504-wide:60; graph "v1.0/auditLogs/signIns?\$filter=createdDateTime$span"; is "a wide window" "$status" 504; fault clear=all
fault set=graph-malformed:100; graph "v1.0/auditLogs/signIns"
jq . <"$dir/body" >/dev/null 2>&1 && fail graph-malformed "is sound" || ok graph-malformed; fault clear=all

# --- enums, limits, what is due ---
curl -s -o /dev/null -X POST "$base/sim/graph?roles=AuditLog.Read.All,IdentityRiskEvent.Read.All"; get_token
graph "beta/auditLogs/signIns"; has "an unknown member" "$(body)" unknownFutureValue
api -g -H "Prefer: include-unknown-enum-members" "$base/beta/auditLogs/signIns"; has "by its name when asked" "$(body)" memberOfNextYear
is "rows that were asked for are due" "$(report '.graph.bulk | .due > 0 and .missing == .due and .twice == 0')" true
begin --now "$now" --clock-rate 0.001 --graph-rows 100 --records 10; get_token
for _ in 1 2 3 4 5; do graph "v1.0/auditLogs/directoryAudits"; done; is "five are let in" "$status" 200
graph "beta/auditLogs/signIns"
has "the sixth is not, whatever it asks" "$status $(cat "$dir/head")" "Retry-After:"
graph "v1.0/identityProtection/riskDetections"; graph "v1.0/identityProtection/riskDetections"
is "identity protection says no Retry-After" "$status $(grep -ci '^retry-after' "$dir/head")" "429 0"
is "and it was counted" "$(report '.graph.usage | "\(.most_in_10s) \(.throttled)"')" "6 2"

printf '%s\n' '{"id":"row-1","createdDateTime":"2026-11-23T09:00:00Z" , "x":1.0}' '{"id":"row-1","createdDateTime":"2026-11-23T09:00:00Z","x":2}' >"$dir/rows"
begin --now "$now" --clock-rate 0.001 --records 10 --graph-events "signin.interactive=$dir/rows"; get_token
graph "v1.0/auditLogs/signIns"; has "events, byte for byte" "$(body)" "$(head -1 "$dir/rows")"
is "two lines of one id are two debts" "$(report .graph.bulk.due)" 2
exit $failed
