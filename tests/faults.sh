#!/bin/bash
# Writes doc/faults.md: which story shows each row of part D (faulty destinations) of the fault matrix, and how it went.
# tests/faults.sh [STORY.LOG]: a log of tests/story/run.sh; without one the stories of these rows are run.
# tests/faults.sh --check: writes nothing; is the page of these rows and stories, and did all pass when it was written?
#
# A story belongs to a row if its name has it, as in 207-D07-...; tests/story/faults.tsv lists the rows: number, fault, and
# what of it cannot be injected and why. Ends with 1 if a row has no story and no reason, or a story failed.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
log=${1:-} page=$top/doc/faults.md
if [ "$log" = --check ]; then
	log=/dev/null page=$(mktemp)
	trap 'rm -f "$page"' EXIT
elif [ -z "$log" ]; then
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	names=()
	for story in "$top"/tests/story/[0-9]*-D[0-9]*.sh; do names+=("$(basename "$story" .sh)"); done
	bash "$top/tests/story/run.sh" "${names[@]}" | tee "$log"
fi

stories_of() {	# stories_of D7: names, a line each
	local number
	number=$(printf '%02d' "${1#D}")
	for story in "$top"/tests/story/[0-9]*.sh; do
		case $(basename "$story" .sh)- in *-D"$number"-*) basename "$story" .sh ;; esac
	done
}

result() {	# result STORY
	sed -nE "s/^ok +$1 \(.*/passed/p; s/^FAIL +$1 .*/FAILED/p" "$log" | tail -n 1 | grep . || echo 'not run'
}

missing=0
{
	cat <<-'END'
	# Faulty destinations: each row, its story, its result

	Rows of part D of the fault matrix: what can go wrong where events are delivered. Each is injected into the whole program, with the
	simulator (doc/simulator.md) as Elasticsearch and Splunk, and its oracle as the judge: nothing missing, nothing twice but where an
	answer was lost, the same bytes then. `tests/faults.sh` writes this page from `tests/story` and a run of the stories.

	| row | fault | story | result |
	| --- | --- | --- | --- |
	END
	while IFS=$'\t' read -r row fault why; do
		found=$(stories_of "$row")
		[ -n "$found$why" ] || { missing=1; why='NO STORY AND NO REASON'; }
		for story in $found; do
			how=$(result "$story")
			[ "$how" = passed ] || missing=1
			printf '| %s | %s | `%s` | %s |\n' "$row" "$fault" "$story" "$how"
		done
		[ -z "$why" ] || printf '| %s | %s | - | not injected: %s |\n' "$row" "$fault" "$why"
	done <"$top/tests/story/faults.tsv"
} >"$page.new"
mv "$page.new" "$page"
[ "${1:-}" = --check ] || exit $missing
sed -i 's/| not run |$/| passed |/' "$page"
diff "$top/doc/faults.md" "$page" || { echo "doc/faults.md is not of these rows and stories: tests/faults.sh writes it"; exit 1; }
