# short
# drop, keep, add and redact per output: every record is delivered or counted as dropped, nothing redacted leaves, the others get all.
for i in 1 2 3 4 5 6; do
	op=$([ "$i" -le 2 ] && echo FileAccessed || echo FileDeleted)
	printf '{"CreationTime":"2026-11-23T08:00:0%d","Id":"00000000-0000-4000-8000-00000000000%d","Operation":"%s","RecordType":%d,' "$i" "$i" "$op" \
	    "$([ "$i" = 6 ] && echo 98765 || echo 6)"
	printf '"OrganizationId":"%s","UserType":0,"Workload":"SharePoint","UserId":"u%d@contoso.example",' "$TENANT" "$i"
	printf '"PolicyDetails":[{"Rules":[{"RuleId":"r","DetectedValues":[{"Value":"4111111111111111"}]}]}]}\n'
done >"$W/events"
sim --records 0 --events "$W/events"
OUTPUT_YAML=$(cat <<-EOF
  - name: elastic
    type: file
    path: $W/ecs
    schema: ecs
    drop: [{operation: fileaccessed}, {user: [u5@*, nobody]}]
    add: {labels.site: berlin, labels.room: "7", customer: acme}
  - name: kept
    type: file
    path: $W/kept
    schema: ecs-raw
    keep: [{operation: File*, UserId: u1@contoso.example}]
  - {name: archive, type: file, path: $W/archive, schema: raw}
EOF
)
WEIGHED="elastic kept archive"
conf
once
must "it ends with 0" test "$RC" = 0
lines() { find "$W/$1" -name '*.gz' -exec zcat {} +; }
lines ecs >"$W/ecs.lines"
lines kept >"$W/kept.lines"
lines archive >"$W/archive.lines"
must "three records are left of six" test "$(wc -l <"$W/ecs.lines")" = 3
must "none of those that are dropped" test "$(grep -c 'FileAccessed\|u5@' "$W/ecs.lines")" = 0
must "each has the constants" test "$(jq -c '[.labels.site, .labels.room, .customer]' "$W/ecs.lines" | grep -c '\["berlin","7","acme"\]')" = 3
must "one record is kept" test "$(jq -r .o365audit.UserId "$W/kept.lines")" = u1@contoso.example
must "no card number left where it is redacted" test "$(cat "$W/ecs.lines" "$W/kept.lines" | grep -c 4111)" = 0
must "the archive has everything as it came" test "$(grep -c 4111 "$W/archive.lines")" = 6
ask status --json >"$W/status.json"
must "what is dropped is in the tallies" jq -e '.store.tallies | .["dropped:elastic"] == 3 and .["dropped:kept"] == 5 and .["delivered:archive"] == 6' \
    "$W/status.json" >/dev/null
must "the new type is known from now on" jq -e '[.store.first_seen.latest[] | select(.type == "98765" and .operation == "FileDeleted")] |
    length == 1' "$W/status.json" >/dev/null
must "and was said once" test "$(grep -c record-type-unknown "$W/log")" = 1
once
must "a second run says nothing again" test "$(grep -c record-type-unknown "$W/log")" = 1
