# Tokens that are always refused, consent that is gone, a tenant that is gone, conditional access, a secret that is wrong, expired, replaced:
# each is said in Microsoft's words, asked slowly, moves no mark, disturbs no other tenant, and passes without a restart.
# shellcheck source=tests/story/lib_lies.sh disable=SC2154
. "$here/lib_lies.sh"
other_tenant 1200
sim --now 2026-11-23T08:00:00 --clock-rate 1200 --subscribed --records 400 --days 0.5 --token-lifetime 1800
simulated_time
export INTERVAL=60s FEEDS="audit.general, audit.exchange"
conf
other_joins
run
whole() { report >"$W/report.json" && jq -e '.bulk.missing == 0 and .files.missing == 0 and .listed.records > 0' "$W/report.json" >/dev/null; }
must "the day before arrives" until_true 30 whole
source_says() { ask status --json | jq -e --arg p "$1" '[.sources[] | select(.tenant == "contoso") | tostring | contains($p)] | any' >/dev/null; }
asked() { report | jq "[.requests | .$1 | .n // 0] | add"; }
in_90_min() { date -ud "$(sim_now | cut -c1-19)Z + 90 minutes" +%Y-%m-%dT%H:%M:%S; }

# denied WORDS KIND MOST: 90 minutes of it; WORDS are in the status, requests of KIND are at most so many, the other tenant goes on.
denied() {
	local until before theirs n
	curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=10" >/dev/null
	fault expire-tokens
	must "it says $1" until_true 20 source_says "$1"
	before=$(listed_of) theirs=$(others) n=$(asked "$2") until=$(in_90_min)
	must "90 minutes of $1 pass" until_true 30 eval "[[ \$(sim_now) > $until ]]"
	n=$(($(asked "$2") - n))
	must "$1: asked slowly, $n times in 90 minutes" test "$n" -le "$3"
	must "$1: no mark moved" test "$(listed_of)" = "$before"
	must "$1: the other tenant went on" test "$(others)" -gt "$theirs"
}
listed_of() { ask status --json | jq -r '[.sources[] | select(.tenant == "contoso") | .listed_to] | tostring'; }
mended() { must "it passes by itself: $1" until_true "${2:-30}" whole; }

fault api-401
denied "refuses a token" token 40
clear_fault all
mended "tokens that were refused"

fault no-roles
denied AF10001 content 60
clear_fault all
mended "consent"

says subscriptions/content times=-1 "$(answer 400 application/json '' '{"error":{"code":"AF20011","message":"The tenant does not exist in our system."}}')"
denied AF20011 content 60
says_no_more
mended "a tenant that is there again"

says oauth2 times=-1 "$(answer 400 application/json '' '{"error":"invalid_grant","error_description":"AADSTS53003: Access has been blocked by Conditional Access policies. Trace ID: 1","error_codes":[53003]}')"
denied AADSTS53003 content 5
says_no_more
mended "conditional access"

fault token-expired-secret
denied AADSTS7000222 token 30
clear_fault all
mended "a secret that is good again"

printf 'not-the-secret\n' >"$W/secret.new"
chmod 0600 "$W/secret.new"
mv "$W/secret" "$W/secret.good"
mv "$W/secret.new" "$W/secret"
denied AADSTS7000215 token 30
mv "$W/secret.good" "$W/secret"
mended "a secret that was replaced"

# What passes: the old token serves meanwhile, and Retry-After is heard.
n=$(answered)
says oauth2 times=-1 "$(answer 429 application/json 'Retry-After: 900\r\n' '{"error":"temporarily_unavailable","error_codes":[90055]}')"
until=$(in_90_min)
must "90 minutes of a busy token endpoint" until_true 30 eval "[[ \$(sim_now) > $until ]]"
must "it was asked four times an hour and a little more" test "$(($(answered) - n))" -le 8
says_no_more
fault token-503-html:50
fault token-500:50
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=10" >/dev/null
mended "a token endpoint that is busy, down, and half down"
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "no gap" test -z "$(ask gaps --json)"
must "no secret in the log" test "$(grep -c 'sim-secret\|not-the-secret' "$W/log")" = 0
kill "$OTHER_PID"
