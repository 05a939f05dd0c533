#!/bin/bash
# check-fields.sh - is doc/fields/ what the mapping tables say? With --write it is made so.
set -u
top=${srcdir:-.} m365fwd=${M365FWD:-./m365fwd} wrong=0
made=$(mktemp /tmp/m365fwd-fields.XXXXXX)
trap 'rm -f "$made"' EXIT
for pair in audit.exchange:o365.audit signin.interactive:azure.signinlogs directory.audit:azure.auditlogs \
    directory.provisioning:azure.provisioning risk.user:azure.identity_protection alerts:m365_defender.alert \
    incidents:m365_defender.incident; do
	file=$top/doc/fields/${pair#*:}.md
	"$m365fwd" fields --feed "${pair%%:*}" >"$made" || exit 1
	if [ "${1:-}" = --write ]; then
		mkdir -p "${file%/*}" && cp "$made" "$file" && chmod 644 "$file"
	elif ! cmp -s "$made" "$file"; then
		echo "$file is old; write it anew: tests/check-fields.sh --write" >&2
		wrong=1
	fi
done
exit $wrong
