# short
# map: records in, events out, without state or network; --explain tells where each field comes from; what is wrong is said.
R='{"CreationTime":"2026-11-23T08:00:01","Id":"1","Operation":"UserLoginFailed","RecordType":15,"Workload":"AzureActiveDirectory","UserId":"a@b.example","ResultStatus":"Success"}'
map() { RC=0; "$M365FWD" map "$@" 2>"$W/err" || RC=$?; }
says() { grep -q "$1" "$W/err"; }
map --feed audit.entra --schema ecs <<<"$R" >"$W/out"
must "one event a record" test "$(wc -l <"$W/out")" = 1
must "in the schema" jq -e '.event.outcome == "failure" and .user.name == "a" and .event.dataset == "o365.audit"' "$W/out" >/dev/null
map --feed=audit.entra --schema=ecs --compat elastic <<<"$R" >"$W/out"
must "as Elastic's own when asked" jq -e '.event.outcome == "success"' "$W/out" >/dev/null
map --feed audit.entra --schema raw <<<"$R" >"$W/out"
must "raw is the record" test "$(cat "$W/out")" = "$R"
map --feed audit.entra --schema ecs-raw <<<"$R" >"$W/out"
must "ecs-raw wraps it" test "$(cat "$W/out")" = "{\"o365audit\":$R}"
map --feed audit.entra --schema ecs --explain <<<"$R" >"$W/out"
must "a field tells its member and its rule" grep -Eq '^event.action +"UserLoginFailed"  <- Operation, ' "$W/out"
must "and what stays below o365.audit too" grep -Eq '^o365.audit.ResultStatus +"Success"  <- ResultStatus, ' "$W/out"
must "every field is told" test "$(grep -vc ' <- ' "$W/out")" = 1
printf '%s\n\nno JSON\n[1]\n%s' "$R" "$R" >"$W/in"
map --feed audit.entra --schema ecs <"$W/in" >"$W/out"
must "broken lines cost nothing else" test "$RC/$(wc -l <"$W/out")" = 65/2
must "and are named" says "line 3: "
must "each" says "line 4: a record is a JSON object"
must "and how a list becomes lines" says "jq -c '.\[\]'"
printf '\xef\xbb\xbf%s\r\n%s\r\n' "$R" "$R" >"$W/in"
map --feed audit.entra --schema raw <"$W/in" >"$W/out"
must "a file of Windows is read too" test "$RC/$(sort -u "$W/out")" = "0/$R"
map --schema ecs </dev/null
must "a feed is needed" test "$RC" = 64
map --feed audit.entr --schema ecs </dev/null
must "an unknown feed is refused" test "$RC" = 64
map --feed audit.entra --schema esc </dev/null
must "an unknown schema is refused" test "$RC" = 64
map --feed signin.interactive --schema ecs-raw </dev/null
must "a schema that does not take the feed is refused" test "$RC" = 64
map --feed audit.entra --schema ecs --tenant x </dev/null
must "a tenant is a GUID" test "$RC" = 64
must "and that is said" says "takes a GUID"
