#!/bin/sh
# tests/what-failed.sh [TREE]: what the failed tests of the last "make check" in TREE printed. Automake tells only their names.
for trs in $(grep -lsE '^:test-result: (FAIL|ERROR)' "${1:-.}"/tests/*.trs "${1:-.}"/tests/*/*.trs); do
	log=${trs%.trs}.log
	echo "--- $log"
	tail -n 60 "$log"
done
