#!/bin/sh
# Every fuzz target over its seed corpus and a fixed count of seeded mutations: the same bytes on every run.
set -eu
: "${srcdir:=.}" "${top_builddir:=.}"
for target in "$top_builddir"/tests/fuzz/fuzz_*; do
	case $target in *.c | *.o | *.dSYM) continue ;; esac
	[ -x "$target" ] || continue
	name=${target##*/fuzz_}
	case $name in
	store) runs=100 ;;		# each opens two stores
	secret) runs=1000 ;;		# each is some system calls
	conf | ctl | http) runs=5000 ;;
	*) runs=20000 ;;
	esac
	set -- "$srcdir/tests/fuzz/corpus/$name" --runs "${FUZZ_RUNS:-$runs}" --seed 1
	dict=$srcdir/tests/fuzz/dict/$name
	[ ! -f "$dict" ] || set -- "$@" --dict "$dict"
	"$target" "$@"
done
