# short
# The forwarder in the simulator's time: blobs appear over a day and all arrive, polls keep their distance in that time.
sim --now 2026-11-23T08:00:00 --clock-rate 7200 --records 400 --rate 0.02 --live-seconds 86400
knows_clock() { grep -q M365FWD_TEST_CLOCK "$1"; }
installed_does_not() { ! knows_clock "$M365FWD"; }
must "what is installed has no such clock" installed_does_not
must "the other one has" knows_clock "$M365FWD_FAST"
simulated_time
export INTERVAL=5m
conf
run
day_over() { [[ $(sim_now) > 2026-11-24T08:30 ]]; }
must "a day passes in seconds" until_true 120 day_over
must "everything arrives" until_true 60 complete
# 24 h at 5 minutes are 288 rounds of five listings and some pages; without the rate there would be a handful. How many it comes to in a day
# is the machine's affair; that they are not more is not.
polled() { report >"$W/report.json" && jq -e '.requests.content.n > 500' "$W/report.json" >/dev/null; }
must "it polls in that time" until_true 120 polled
rounds=$((($(date -ud "$(sim_now)" +%s) - $(date -ud 2026-11-23T08:00:00Z +%s)) / 300))
must "and keeps its distance" jq -e --argjson r $rounds '.requests.content.n < 17 * $r' "$W/report.json" >/dev/null
asked_to=$(sim_now)
stop
must "SIGTERM ends it with 0" test "$RC" = 0
last=$(tail -n 1 "$W/log")
in_that_time() { [[ ! ${last%% *} < $asked_to && ! $(sim_now) < ${last%% *} ]]; }
must "the log has the simulated time" in_that_time
