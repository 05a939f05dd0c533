#!/bin/bash
# Writes doc/faults.md: which test shows each row of the fault matrix (tests/story/faults.tsv), and how it went.
# tests/faults.sh [STORY.LOG]: a log of tests/story/run.sh; a story that is not in it keeps the result that the page has. Without a log
# every story of these rows is run (half an hour).
# tests/faults.sh --check: writes nothing; is the page of these rows and tests, and did all pass when it was written?
#
# faults.tsv: row, fault, tests that show it besides the stories with the row in their name (numbers of stories, or files; "-": none),
# and what of it cannot be injected and why ("-": all of it can). A line of two columns opens a part of the page.
# Ends with 1 if a row has no test and no reason, a test is not there, or a story failed.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
log=${1:-} page=$top/doc/faults.md
trap 'rm -f "$page.new" ${made:+"$made"}' EXIT
rows() { awk -F'\t' 'NF == 4' "$top/tests/story/faults.tsv"; }

# A story belongs to a row if its name has it, as in 207-D07-..., or if the row's third column has its number.
stories_of() {	# stories_of D7 "207 tests/x.sh": names, a line each
	local in_name story what
	in_name=$(printf '%s%02d' "${1:0:1}" "${1:1}")
	for story in "$top"/tests/story/[0-9]*.sh; do
		story=$(basename "$story" .sh)
		for what in $2; do
			[ "${story%%-*}" != "$what" ] || echo "$story"
		done
		case $story- in *-"$in_name"-*) echo "$story" ;; esac
	done | sort -u
}
others_of() { tr ' ' '\n' <<<"$1" | grep /; }

if [ "$log" = --check ]; then
	log=/dev/null page=$(mktemp)
	made=$page
elif [ -z "$log" ]; then
	log=$(mktemp)
	made=$log
	mapfile -t names < <(rows | while IFS=$'\t' read -r row _ tests _; do stories_of "$row" "$tests"; done | sort -u)
	bash "$top/tests/story/run.sh" "${names[@]}" | tee "$log"
fi

result() {	# result STORY: from the log, else from the page
	sed -nE "s/^ok +$1 \(.*/passed/p; s/^FAIL +$1 .*/FAILED/p" "$log" | tail -n 1 | grep . ||
	    sed -nE "s/^.*\| \`$1\` \| ([a-zA-Z ]+) \|\$/\1/p" "$top/doc/faults.md" | head -n 1 | grep . || echo 'not run'
}
where_run() {	# where_run FILE: who runs a test that is no story
	[ -e "$top/$1" ] || { echo 'NO SUCH TEST'; return; }
	if sed -n '/^\(UNIT_TESTS\|SCRIPT_TESTS\|TESTS\)/,/[^\\]$/p' "$top/Makefile.am" | grep -qE "[[:space:]=]${1%.c}( |\$)"; then
		echo "in \`make check\`"
	elif grep -qF "$1" "$top/.ci/run" "$top/tests/run.sh" 2>/dev/null; then
		echo "in \`.ci/run\`"
	else
		echo 'by hand'
	fi
}

missing=0
table() {	# rows of faults.tsv on stdin
	local row fault tests why stories others test how
	line() { printf '| %s | %s | %s | %s |\n' "$row" "$fault" "$1" "$2"; fault=; }	# the fault is told once
	while IFS=$'\t' read -r row fault tests why; do
		if [ -z "$tests" ]; then
			printf '\n## %s. %s\n\n| row | fault | test | result |\n| --- | --- | --- | --- |\n' "$row" "$fault"
			continue
		fi
		stories=$(stories_of "$row" "$tests") others=$(others_of "$tests")
		[ "$why" != 'being written' ] || [[ "$stories" != *-"$(printf '%s%02d' "${row:0:1}" "${row:1}")"-* ]] || why=-
		[ -n "$stories$others" ] || [ "$why" != - ] || { missing=1; why='NO TEST AND NO REASON'; }
		for test in $stories; do
			how=$(result "$test")
			[ "$how" = passed ] || missing=1
			line "\`$test\`" "$how"
		done
		for test in $others; do
			how=$(where_run "$test")
			[ "$how" != 'NO SUCH TEST' ] || missing=1
			line "\`${test%.c}\`" "$how"
		done
		case $why in
		-) ;;
		'being written') line - 'being written' ;;
		*) line - "not injected: $why" ;;
		esac
	done
}
{
	cat <<-'END'
	# Faults: each row, its test, its result

	What can go wrong with the process and its machine (B), upstream (C) and at the destinations (D). A name that begins with a number
	is a story, `tests/story/NAME.sh`: the whole program against the simulator (doc/simulator.md) that breaks what the row says, with
	the simulator's oracle as the judge. The other tests show a part of the row, or all of it, in less than the whole program.
	`tests/faults.sh` writes this page from `tests/story/faults.tsv` and a run of the stories; `make check` looks whether it is up to date.
	END
	table <"$top/tests/story/faults.tsv"
} >"$page.new"
if [ "${1:-}" != --check ]; then
	mv "$page.new" "$page"
	exit $missing
fi
diff "$top/doc/faults.md" "$page.new" && [ $missing = 0 ] ||
    { echo "doc/faults.md is not of these rows and tests, or one did not pass: tests/faults.sh writes it"; exit 1; }
