#!/bin/bash
# Static analysis of the tree: tests/static.sh [--jobs N] [CHECK...], of shellcheck, codespell, cppcheck, analyzer (gcc's), tidy and
# flags. What is accepted nevertheless, and why, stands in tests/static.tsv and .clang-tidy, nowhere else; a row of static.tsv that
# matches nothing any more fails too. Without a tool its check is skipped. flags looks at $M365FWD, by default ./m365fwd.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${M365FWD:=./m365fwd}"
jobs=2
[ "${1:-}" != --jobs ] || { jobs=$2; shift 2; }
passed=0 failed=0 skipped=0
work=$(mktemp -d "${TMPDIR:-/tmp}/m365fwd-static.XXXXXX")
trap 'rm -rf "$work"' EXIT

# What a tarball lacks is git: then every file that is there counts.
files() { git ls-files "$@" 2>/dev/null | grep . || find . -name "${1##*/}" -printf '%P\n'; }	# files PATTERN...

# Flags that change what the compiler sees; the rest is the build's own affair.
read -ra FLAGS <<<"-std=gnu11 -D_GNU_SOURCE -I. -Isrc $(pkg-config --cflags libcurl libevent libcjson yaml-0.1 sqlite3 libcrypto libssl)"

# judge CHECK FINDINGS: takes out what static.tsv accepts. Findings: FILE:LINE:COLUMN: KIND: TEXT [NAME].
judge() {
	awk -F '\t' -v check="$1" -v root="$PWD/" '
	function line_of(file, n,   text, i) {
		for (i = 0; i < n && (getline text < file) > 0; i++)
			;
		close(file)
		return text
	}
	FNR == NR {
		if ($0 !~ /^#/ && NF == 5 && $1 == check) { file[++n] = $2; name[n] = $3; holds[n] = $4 }
		else if ($0 !~ /^#/ && NF != 5) { print FILENAME ":" FNR ": five columns, please"; bad = 1 }
		next
	}
	match($0, /^[^: ]+:[0-9]+:/) && / (warning|error|style|portability|information): / {
		said = $0
		if (index(said, root) == 1) said = substr(said, length(root) + 1)
		if (said in seen) next
		seen[said] = 1
		split(said, at, ":")
		source = line_of(at[1], at[2])
		for (i = 1; i <= n; i++)
			if (at[1] == file[i] && index(said, "[" name[i]) && index(source, holds[i])) { used[i] = 1; next }
		print said; print "    " source; bad = 1
	}
	END {
		for (i = 1; i <= n; i++)
			if (!used[i]) { print "static.tsv: nothing needs " check " " file[i] " " name[i] " (" holds[i] ") any more"; bad = 1 }
		exit bad
	}' tests/static.tsv "$2"
}

# Every C file by itself, side by side, each with a file of its own for what is said: each CHECK COMMAND..., which FILE is put behind.
# (clang-tidy-14 takes a va_list for uninitialized in the second file of a run.)
each() {
	local check=$1 rc=0
	shift
	mkdir -p "$work/$check"
	files 'src/*.c' | grep '^src/' | xargs -P "$jobs" -I '{}' bash -c 'out=$0/${1//\//_}; file=$1; shift; "$@" "$file" >"$out" 2>&1 || {
	    grep -q "warning:\|error:" "$out" || echo "$file:1:1: error: the tool failed [crash]" >>"$out"; }' "$work/$check" '{}' "$@" || rc=$?
	[ "$rc" -eq 0 ] && cat "$work/$check"/* >"$work/$check.all" && judge "$check" "$work/$check.all"
}

check_shellcheck() { files '*.sh' .ci/run | xargs shellcheck -s bash -S warning -x -e SC2034,SC1091; }

check_codespell() {
	files README HACKING SECURITY.md ChangeLog doc conf src | grep -v '\.[oa]$' | xargs codespell -L "ECS,ba,te,nd,ue,fo,als,ot,thn,tht"
}

check_cppcheck() {
	cppcheck -q -j "$jobs" --std=c11 --enable=warning,portability --suppress=normalCheckLevelMaxBranches --suppress=missingIncludeSystem \
	    --template='{file}:{line}:{column}: {severity}: {message} [{id}]' -Isrc src 2>"$work/cppcheck" || return 1
	judge cppcheck "$work/cppcheck"
}

check_analyzer() { each analyzer gcc "${FLAGS[@]}" -O2 -fanalyzer -c -o /dev/null; }

check_tidy() { FLAGS_TEXT="${FLAGS[*]}" each tidy bash -c 'clang-tidy-14 --quiet "$1" -- $FLAGS_TEXT' tidy; }	# .clang-tidy has the checks

# What spec and SECURITY.md promise of the built program, as its bytes tell.
has() { grep -q -- "$1" "$work/elf" || { echo "$M365FWD: $2"; return 1; }; }
check_flags() {
	local rc=0
	{ readelf -hldW "$M365FWD"; readelf -sW --dyn-syms "$M365FWD"; } >"$work/elf" 2>/dev/null
	has 'Type: *DYN' "is not position independent" || rc=1
	has 'Flags:.*NOW.*PIE' "is not linked with -z now and -pie" || rc=1
	has 'GNU_RELRO' "has no RELRO" || rc=1
	has 'GNU_STACK.* RW  *0x' "has an executable stack" || rc=1
	has '__stack_chk_fail' "has no stack protector" || rc=1
	has '_chk@GLIBC' "has no _FORTIFY_SOURCE" || rc=1
	! grep -qE 'LOAD .* RWE ' "$work/elf" || { echo "$M365FWD: a segment is writable and executable"; rc=1; }
	! grep -qE '(RPATH|RUNPATH|TEXTREL)' "$work/elf" || { echo "$M365FWD: has RPATH, RUNPATH or TEXTREL"; rc=1; }
	! grep -qE ' (gets|strcpy|strcat|sprintf|vsprintf|tmpnam|mktemp|system|popen|execv[a-z]*|fork)@' "$work/elf" ||
	    { echo "$M365FWD: calls $(grep -oE ' (gets|strcpy|strcat|sprintf|vsprintf|tmpnam|mktemp|system|popen|execv[a-z]*|fork)@' "$work/elf" | sort -u | tr -d '\n@')"; rc=1; }
	return $rc
}

tool_of() { case $1 in shellcheck | codespell | cppcheck) echo "$1" ;; analyzer) echo gcc ;; tidy) echo clang-tidy-14 ;; flags) echo readelf ;; esac; }

[ $# -gt 0 ] || set -- shellcheck codespell flags cppcheck analyzer tidy
for check; do
	began=$SECONDS
	if ! command -v "$(tool_of "$check")" >/dev/null || { [ "$check" = flags ] && [ ! -x "$M365FWD" ]; }; then
		skipped=$((skipped + 1))
		echo "skip $check: no $([ "$check" = flags ] && echo "$M365FWD" || tool_of "$check")"
	elif "check_$check" >"$work/out" 2>&1; then
		passed=$((passed + 1))
		echo "ok   $check ($((SECONDS - began)) s)"
	else
		failed=$((failed + 1))
		cat "$work/out"
		echo "FAIL $check ($((SECONDS - began)) s)"
	fi
done
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
