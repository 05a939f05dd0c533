# shellcheck shell=bash
# m365fwd setup on a real cluster, then 10,000 records of every oddity: what the stories of both products share.

# $M365FWD_CASES: a folder with NDJSON of more raw audit records (the shared cases), besides those that the simulator makes.
setup_takes_all() {	# setup_takes_all KIND
	local more=() f said fields
	node_start "$1" || { fail "$1 does not start"; return; }
	for f in ${M365FWD_CASES:+"$M365FWD_CASES"/*.ndjson}; do
		[[ $f == *.signin.ndjson ]] || more+=(--events "$f")
	done
	sim --records 10000 --odd 8 "${more[@]}"
	OUTPUT_YAML="  - {name: elastic, type: bulk, url: \"$NODE\", schema: ecs}
  - {name: archive, type: file, path: $W/archive, schema: raw}"
	conf

	"$M365FWD" setup elastic --dry-run -c "$W/c.yaml" >"$W/dry" 2>"$W/said" || fail "setup --dry-run: $(tail -n 1 "$W/said")"
	must "--dry-run prints what would be installed" test "$(grep -c '^PUT ' "$W/dry")" -ge 15
	must "... and installs nothing" eval "! curl -fs -o /dev/null $NODE/_component_template/m365fwd-o365.audit"
	"$M365FWD" setup elastic -c "$W/c.yaml" 2>"$W/said" || fail "setup: $(tail -n 1 "$W/said")"
	"$M365FWD" setup elastic -c "$W/c.yaml" 2>"$W/said" || fail "setup again: $(tail -n 1 "$W/said")"
	must "a second time finds them there" grep -qE '[78] were there already' "$W/said"

	# changed by hand
	curl -fsS "$NODE/_component_template/m365fwd-o365.audit" | jq '.component_templates[0].component_template |
	    .template.mappings.properties.mine = {type: "keyword"}' >"$W/changed"
	curl -fsS -o /dev/null -X PUT "$NODE/_component_template/m365fwd-o365.audit" -H 'Content-Type: application/json' --data-binary "@$W/changed" ||
	    fail "the template cannot be changed"
	RC=0
	said=$("$M365FWD" setup elastic -c "$W/c.yaml" 2>&1) || RC=$?
	must "a template changed by hand is left, with one clear line" eval "[ $RC = 78 ] && grep -q 'changed by hand' <<<'$said'"
	must "... unless --force" "$M365FWD" setup elastic --force -c "$W/c.yaml" 2>>"$W/said"

	once 300s
	must "it ends with 0" test "$RC" = 0
	must "not a record is refused" no_dead
	curl -fsS -o /dev/null -X POST "$NODE/_refresh"
	report >"$W/report.json"
	must "every record is there" test "$(curl -fsS "$NODE/logs-*/_count" | jq .count)" -ge "$(jq '.files.due' "$W/report.json")"
	fields=$(curl -fsS "$NODE/logs-o365.audit-*/_mapping" | jq '[.[].mappings | paths(type == "object" and has("type") and
	    (.type | type == "string"))] | length')
	must "the index stays under 1,000 fields" test "$fields" -lt 1000
	for f in event.outcome source.ip user.id o365.audit.UserType o365.audit.Parameters.ForwardTo o365.audit.ExtendedProperties.RequestType \
	    o365.audit.Target.Type o365.audit.ObjectId related.user; do
		must "$f is found" test "$(curl -fsS "$NODE/logs-o365.audit-*/_count?q=_exists_:$f" | jq .count)" -gt 0
	done
	types=$(curl -fsS "$NODE/logs-o365.audit-*/_field_caps?fields=source.ip,@timestamp,event.ingested,o365.audit.UserType,file.size" |
	    jq -c '[.fields[] | keys[0] | select(. != "object")] | sort')
	must "types are what rules expect, not $types" test "$types" = '["date","date","ip","keyword","long"]'
	echo "    $(curl -fsS "$NODE/logs-*/_count" | jq .count) records, $fields fields, none refused"
	node_end "$1"
}
