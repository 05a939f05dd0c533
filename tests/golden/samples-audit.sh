#!/bin/bash
# Audit records of the shared folder through the mapping. Only .ci/run calls it: nothing of that folder is part of this tree.
#	tests/golden/samples-audit.sh SHARED TREE [TABLE]
# Every record must be mapped to what an index takes, with every value it had, and at one path there must be one kind over all of them.
# Where there is an expected document (Filebeat, 2022) each difference must have its reason in why() below; TABLE gets them, one line each.
set -u
shared=$1 m365fwd=$2/m365fwd table=${3:-/dev/stdout}
work=$(mktemp -d /tmp/m365fwd-samples.XXXXXX)
trap 'rm -rf "$work"' EXIT
records=0 failed=0

fail() {
	failed=$((failed + 1))
	printf 'FAIL %s\n' "$*"
}

# What of a record is nowhere in its event. Values are looked for in the event's text; JSON in a text is opened, empty values are left
# out, addresses lose port and brackets, servers their build, times get a zone, digits of a platform become words, and six operations get
# other words.
lost='
def opened: if type == "string" and (startswith("{") or startswith("[")) then (fromjson? // .) else . end;
def leaves: opened | if type == "object" then .[] | leaves elif type == "array" then .[] | leaves
    elif . == null or . == "" then empty else tostring end;
def without_empty: if type == "object" then map_values(without_empty) elif type == "array" then
    map(select(type != "object" or (has("Name") | not) or
	([.Value, .NewValue, .OldValue] | any(. != null and . != "" and . != "{}"))) | without_empty)
    else . end;
def searched: [.. | opened | .. | scalars | tostring | ascii_downcase] + [.. | objects | keys_unsorted[] | ascii_downcase] |
    map(gsub("[. ]"; "_"));
def rewritten: IN("add_user_", "update_user_", "delete_user_", "teamcreated", "memberadded", "useragent");
[inputs] as $all | ($all | length / 2) as $n | range($n) as $i | $all[$i] as $in | ($all[$i + $n] | searched) as $have |
($have | join("\n")) as $text |
[$in | without_empty | del(.Platform, .OriginatingServer, .ClientIP, .ClientIPAddress, .ActorIpAddress, .StartTime, .StartTimeUtc,
    .EndTimeUtc, .LastUpdateTimeUtc, .FilteringDate) |
    leaves | ascii_downcase | gsub("[\\r\\n]+$"; "") | gsub("[. ]"; "_") | select(rewritten | not) |
    select(. as $v | ($have | index([$v])) == null and ($text | contains($v) | not))] |
select(length > 0) | "\($i + 1): \(.[0:3] | tostring)"'

# Paths over all events, lists left out, that are an object in one and a value in another.
two_kinds='
[inputs | [paths(type == "object") as $p | [($p | map(select(type == "string")) | join(".")), "object"]] +
    [paths(scalars) as $p | [($p | map(select(type == "string")) | join(".")), "value"]] | .[]] | unique | group_by(.[0]) |
map(select(length > 1) | .[0][0]) | .[]'

flat='
def walk_down($p): if type == "object" then to_entries[] | .key as $k | .value | walk_down(if $p == "" then $k else $p + "." + $k end)
    else [$p, (if type == "array" then map(tostring) | join(",") else tostring end)] end;
to_entries[] | .key as $n | .value | walk_down("") | "\($n + 1):\(.[0])\t\(.[1] | gsub("[\\t\\n\\r]"; " "))"'

why() {	# why PATH OURS EXPECTED: the reason for a difference from Filebeat's document; nothing: there is none
	case $1 in
	event.original|input.*|log.*|service.type|fileset.*|agent.*|ecs.version|tags)
		echo "the reader's own (event.original only when asked for)";;
	data_stream.*|event.created|event.ingested) echo "Filebeat 2022 had none";;
	user_agent.name|user_agent.version|user_agent.os.*|user_agent.device.*|source.geo.*|source.as.*)
		echo "made by Elasticsearch's processors, not by the sender";;
	o365.audit.Id|o365.audit.Operation|o365.audit.Workload|o365.audit.OrganizationId|o365.audit.OrganizationName|\
	o365.audit.OriginatingServer|o365.audit.ClientIP|o365.audit.ClientIPAddress|o365.audit.UserAgent|\
	o365.audit.ExtendedProperties.UserAgent|o365.audit.MailboxOwnerUPN|o365.audit.SourceRelativeUrl|o365.audit.SourceFileName|\
	o365.audit.SourceFileExtension|o365.audit.TeamName)
		[ -n "$2" ] || echo "moved to its ECS field by the newer pipeline, no longer kept twice";;
	o365.audit.ObjectId)		[ -n "$2" ] || echo "moved to url.original";;
	o365.audit.ExtendedProperties.additionalDetails*) echo "JSON in the text is opened by the newer pipeline";;
	o365.audit.Actor|o365.audit.Target)	echo "Type is text now, as the index has it";;
	related.user|related.hosts)	echo "the newer pipeline fills related.* from more fields";;
	server.domain|server.address)	echo "host and build number are told apart now";;
	event.category|event.type)	echo "web and info always stand first now, others are appended";;
	url.original|application.name|group.name|email.*|user.target.*) [ -n "$3" ] || echo "set by the newer pipeline";;
	url.domain|url.path|url.scheme|url.extension) [ -n "$2" ] || echo "the newer pipeline does not take url.original apart";;
	o365.audit.ModifiedProperties._names)	[ -n "$3" ] || echo "a change with only a name is listed, not left out";;
	user_agent.original)		echo "from additionalDetails, which is opened now";;
	event.outcome)			[ "$2" != failure ] || echo "ours: how the sign-in ended, not that it was handled";;
	user.id)			[ "$3" != Unknown ] || echo "ours: a placeholder is nobody's id";;
	*)
		[ -n "$3" ] || [ -n "$2" ] || echo "empty values are dropped";;
	esac
}

map_file() {	# map_file NAME FILE FEED: the events in $work/events
	"$m365fwd" map --feed "$3" --schema ecs <"$2" >"$work/events" 2>"$work/err" || fail "$1: $(head -n 1 "$work/err")"
	[ "$(wc -l <"$work/events")" = "$(grep -c . "$2")" ] || fail "$1: not one event a record"
	cat "$work/events" >>"$work/all"
	cat "$2" "$work/events" | jq -nr "$lost" >"$work/lost" || fail "$1: no JSON"
	while IFS= read -r line; do fail "$1:$line is lost"; done <"$work/lost"
	records=$((records + $(wc -l <"$work/events")))
}

compare() {	# compare NAME EXPECTED: one line in the table for each difference
	jq -s . "$work/events" | jq -r "$flat" | sort -t "$(printf '\t')" -k 1,1 >"$work/ours"
	jq 'map(. as $d | reduce keys_unsorted[] as $k ({}; setpath($k / "."; $d[$k])))' "$2" | jq -r "$flat" |
	    sort -t "$(printf '\t')" -k 1,1 >"$work/theirs"
	join -t "$(printf '\t')" -a 1 -a 2 -o 0,1.2,2.2 -e '' "$work/ours" "$work/theirs" | while IFS= read -r line; do
		at=${line%%$'\t'*} line=${line#*$'\t'} ours=${line%%$'\t'*} theirs=${line#*$'\t'}
		[ "$ours" = "$theirs" ] || {
			reason=$(why "${at#*:}" "$ours" "$theirs")
			printf '%s:%s\t%s\t%.60s\t%.60s\t%s\n' "$1" "${at%%:*}" "${at#*:}" "$ours" "$theirs" "${reason:-NO REASON}"
		}
	done >>"$work/table"
}

: >"$work/table"
for file in "$shared"/data/filebeat-o365/*.ndjson "$shared"/data/panther-audit.ndjson "$shared"/data/splunk-audit.ndjson \
    "$shared"/data/otrf-golden-saml-mail-access.ndjson "$shared"/cases/*.ndjson; do
	case $file in *.signin.ndjson) continue ;; esac
	[ -e "$file" ] || continue
	name=${file#"$shared"/}
	map_file "$name" "$file" audit.general
	[ ! -e "${file%.ndjson}.expected.json" ] || compare "$name" "${file%.ndjson}.expected.json"
done
jq -nr "$two_kinds" "$work/all" >"$work/kinds"
while IFS= read -r path; do fail "$path is an object here and a value there"; done <"$work/kinds"
{
	printf 'record\tfield\tours\texpected\twhy\n'
	cat "$work/table"
} >"$table"
unexplained=$(grep -c 'NO REASON$' "$work/table")
[ "$unexplained" -eq 0 ] || fail "$unexplained differences without a reason"
printf '%d records mapped, %d differences from expected documents, %d failures\n' "$records" "$(wc -l <"$work/table")" "$failed"
[ "$failed" -eq 0 ] && [ "$records" -gt 0 ]
