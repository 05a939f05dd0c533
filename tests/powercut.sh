#!/bin/bash
# Power cuts by number: tests/powercut.sh [--count N] [--seed S]. At every change that a script of all kinds of work makes, and N more
# by chance; then the two controls, which must find losses. Prints what came of them; ends with 1 if anything was lost.
set -u
cd "$(dirname "$0")/.." || exit 1
count=10000 seed=$(date +%s)
while [ $# -gt 0 ]; do
	case $1 in
	--count) count=$2; shift ;;
	--seed) seed=$2; shift ;;
	*) echo "usage: tests/powercut.sh [--count N] [--seed S]" >&2; exit 64 ;;
	esac
	shift
done
make -s tests/unit/test_powercut >/dev/null || exit 1
echo "seed $seed"
CUTS=$count SEED=$seed exec tests/unit/test_powercut
