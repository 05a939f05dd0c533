# short
# Second instance 75, readable state directory and secret 78, wrong secret and missing consent 77; and no secret in what it says.
sim --records 50
conf
run
must "the first one answers" until_true 10 test -S "$W/state/ctl.sock"
once 5s
must "a second instance ends with 75" test "$RC" = 75
stop
# A SIGTERM that is there before the program can have a handler: it is born with it.
RC=0
timeout -s KILL 30 perl -MPOSIX -e 'sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM)); kill TERM => $$; exec @ARGV' \
    "$M365FWD" run -c "$W/c.yaml" >>"$W/log" 2>&1 || RC=$?
must "a SIGTERM in the first moment ends the daemon with 0" test "$RC" = 0
chmod 0750 "$W/state"
once 5s
must "a state directory that others can enter ends with 78" test "$RC" = 78
chmod 0700 "$W/state"
chmod 0644 "$W/secret"
once 5s
must "a secret that others can read ends with 78" test "$RC" = 78
chmod 0600 "$W/secret"
RC=0
ask dead export >/dev/full || RC=$?
must "an export of nothing can be written anywhere" test "$RC" = 0
RC=0
ask status --json >/dev/full || RC=$?
must "an answer that cannot be written ends with 74" test "$RC" = 74
RC=0
timeout -s KILL 30 "$M365FWD" run -c "$W/c.yaml" --once=no >>"$W/log" 2>&1 || RC=$?
must "a flag with a value is refused" test "$RC" = 64
fault token-401-secret
curl -sf -X POST "$SIM/sim/fault?set=expire-tokens" >/dev/null
ends_with_77() { once 4s; [ "$RC" = 77 ] || once 40s; test "$RC" = 77; }	# it tries again until its time is over: a busy machine needs more
must "a refused secret ends with 77" ends_with_77
clear_fault all
fault no-roles
must "a missing consent ends with 77" ends_with_77
must "and is said with Microsoft's code" grep -q AF10001 "$W/log"
clear_fault all
once
must "with the secret accepted nothing is lost" complete
ask status --json >"$W/status.json"
must "the secret is in no log, answer or state" test -z "$(grep -rl 'sim-secret' "$W/log" "$W/ask.log" "$W/status.json" "$W/state" "$W/archive")"
