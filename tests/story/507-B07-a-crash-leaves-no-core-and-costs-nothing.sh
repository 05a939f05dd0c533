# SIGABRT, SIGSEGV, SIGBUS, SIGFPE and SIGILL from outside, in the middle of everything: it dies of just that signal, leaves no core
# although cores are allowed, and the next run goes on; a record that was merely at hand is not buried for it.
sim --records 6000 --rate 20 --fault bulk-reset-after-read:5
RPM=20000
conf
ulimit -c unlimited 2>/dev/null || ulimit -S -c "$(ulimit -H -c)"
arrived() { report | jq -e ".bulk.documents > $1" >/dev/null; }
ends=
here_before=$(find "$W" . -maxdepth 1 -name 'core*' | sort)
for signal in ABRT SEGV BUS FPE ILL; do
	before=$(report | jq .bulk.documents)
	run
	must "records arrive" until_true 20 arrived "$before"
	must "no core may be written" grep -q '^Max core file size  *0  *0 ' "/proc/$RUN_PID/limits"
	stop $signal
	ends+=" $signal:$RC"
done 2>/dev/null
must "each died of its signal:$ends" test "$ends" = ' ABRT:134 SEGV:139 BUS:135 FPE:136 ILL:132'
must "no core was written" test "$(find "$W" . -maxdepth 1 -name 'core*' | sort)" = "$here_before"
curl -sf -o /dev/null -X POST "$SIM/sim/rate?rate=0"
clear_fault all
once
must "run --once ends with 0" test "$RC" = 0
must "nothing is missing or twice" complete
must "nothing was buried" test -z "$(ask dead list --json)"
must "the tallies agree" tallies
