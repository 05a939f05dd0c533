#!/bin/bash
# contrib/elastic and contrib/opensearch are what "m365fwd setup" installs. check-templates.sh [--write]
set -eu
: "${srcdir:=.}" "${M365FWD:=./m365fwd}"
work=$(mktemp -d /tmp/m365fwd-templates.XXXXXX)
trap 'rm -rf "$work"' EXIT

for flavor in elastic opensearch; do
	mkdir "$work/$flavor"
	# "PUT /_component_template/NAME", the body on one line, an empty line
	"$M365FWD" templates "$flavor" | while IFS= read -r line; do
		case $line in
		"PUT "*) file=$(echo "${line#PUT /_}" | sed 's,^plugins/_,,; s,policies/,,; s,policy/,,; s,ingest/,,; s,/,-,g').json ;;
		"{"*) jq . <<<"$line" >"$work/$flavor/$file" ;;
		esac
	done
	[ "$(find "$work/$flavor" -type f | wc -l)" -eq 16 ]
	if [ "${1:-}" = --write ]; then
		mkdir -p "$srcdir/contrib/$flavor"
		rm -f "$srcdir/contrib/$flavor"/*.json
		cp "$work/$flavor"/*.json "$srcdir/contrib/$flavor/"
	fi
	diff -r -x README.md "$srcdir/contrib/$flavor" "$work/$flavor" || {
		echo "contrib/$flavor is not what the tables make: tests/check-templates.sh --write, and TEMPLATE_VERSION one higher"
		exit 1
	}
done
