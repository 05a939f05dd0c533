#!/bin/bash
# The forwarder against software that others wrote: a real OpenSearch, a real Elasticsearch, and VictoriaLogs (a HEC endpoint and
# a second Bulk dialect) behind vmauth. tests/real/run.sh [--skip-opensearch] [--skip-elasticsearch] [--skip-victoria] [NAME...]
#
# Needs a JDK, mvn and go, and the network once: what is downloaded and built is kept in $REAL_CACHE. Ends with a line of counts;
# what lacks its tools is skipped and says so.
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/real/lib.sh
. "$here/lib.sh"
skip='' only=''
for arg; do
	case $arg in
	--skip-*) skip="$skip ${arg#--skip-}" ;;
	-*) echo "usage: tests/real/run.sh [--skip-opensearch] [--skip-elasticsearch] [--skip-victoria] [NAME...]" >&2; exit 64 ;;
	*) only="$only $arg" ;;
	esac
done

passed=0 failed=0 skipped=0
base=$(mktemp -d /tmp/m365fwd-real.XXXXXX)
mkdir -p "$REAL_CACHE"

lacks() { for tool; do command -v "$tool" >/dev/null || { echo "$tool"; return 0; }; done; return 1; }

one() {		# one NAME TOOL...: the story in NAME.story.sh
	local name=$1 began=$SECONDS lacking
	shift
	[ -z "$only" ] || [[ " $only " == *" $name "* ]] || return 0
	if [[ " $skip " == *" ${name%%-*} "* ]]; then
		skipped=$((skipped + 1))
		echo "skip $name: as asked"
		return
	elif lacking=$(lacks "$@"); then
		skipped=$((skipped + 1))
		echo "skip $name: there is no $lacking"
		return
	fi
	if (
		W=$base/$name
		mkdir -m 0700 "$W"
		FAILED='' SIM_PID='' RUN_PID=''
		# shellcheck source=tests/story/lib.sh
		. "$here/../story/lib.sh"
		# shellcheck source=tests/story/lib_sinks.sh
		. "$here/../story/lib_sinks.sh"
		for part in node under_load victoria read_back setup_takes_all; do
			# shellcheck disable=SC1090
			. "$here/$part.sh"
		done
		leave() { end_story; for pid in "$W"/*.pid; do [ -e "$pid" ] && end_service "$(basename "$pid" .pid)" KILL; done; }
		trap leave EXIT
		# shellcheck disable=SC1090
		. "$here/$name.story.sh"
		[ -z "$FAILED" ]
	); then
		printf 'ok   %s (%d s)\n' "$name" $((SECONDS - began))
		passed=$((passed + 1))
		rm -rf "${base:?}/$name"
	else
		printf 'FAIL %s (%d s), see %s\n' "$name" $((SECONDS - began)) "$base/$name"
		failed=$((failed + 1))
	fi
}

one opensearch-is-killed-under-load java javac mvn curl jq
one opensearch-takes-every-event java javac mvn curl jq
one opensearch-setup-refuses-no-record java javac mvn curl jq
one elasticsearch-setup-refuses-no-record java javac mvn curl jq
one elasticsearch-is-killed-under-load java javac mvn curl jq
one victoria-stops-and-throttles go curl jq openssl
rmdir "$base" 2>/dev/null
printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed -eq 0 ]
