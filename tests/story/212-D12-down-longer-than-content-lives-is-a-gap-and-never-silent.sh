# D12: a destination is down for longer than Microsoft keeps content (one day here instead of seven, in simulated time). The spool fills,
# 80 % is said, at its cap polling pauses; what expires meanwhile is a gap record, and everything else arrives afterwards.
# What an output with on_full: drop_oldest gives up instead is the story of 167.
# shellcheck source=tests/story/lib_sinks.sh
. "${here:?}/lib_sinks.sh"
sim --now 2026-11-02T00:00:00 --clock-rate 7200 --expiry-days 1 --records 300 --days 0.2 --dups 0 --rate 0.1 --live-seconds 172800 --fault hec-down
simulated_time
INTERVAL=5m SPOOL='max: 4MiB, reserve: 0MiB'
sinks_conf splunk archive
run
must "80 % is said" until_true 30 grep -q 'spool-filling' "$W/log"
must "at the cap polling pauses, and that is said" until_true 30 grep -q spool-full "$W/log"
over() { [[ $(sim_now) > 2026-11-04T02 ]]; }
must "two days pass, one more than content lives" until_true 40 over
clear_fault all
kill -HUP "$RUN_PID"
must "afterwards all that can still be had arrives" until_true 60 sinks_whole
lost() { [ -n "$(ask gaps --json | head -n 1)" ]; }
must "what expired is a gap record" until_true 20 lost
must "with its times and its reason" eval 'ask gaps --json | jq -se "all(.from <= .to and (.reason | length > 0) and .feed != null)" >/dev/null'
fresh() { more 40; until_true 20 sinks_whole; }
must "and fresh records flow again" fresh
jq -r '"    listed \(.listed.records), delivered \(.hec.tokens.plain.events), expired \(.hec.tokens.plain.lost_expected)"' "$W/report.json"
stop
must "SIGTERM ends it with 0" test "$RC" = 0
