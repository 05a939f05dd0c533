# Killed again and again while requests are under way and acknowledgements are awaited: nothing is missing at Splunk, and what
# is there twice is what was awaited, in the same bytes.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 4000 --seed 3 --hec-ack-ms 800
sinks_conf splunk splunk-acks
for _ in $(seq "${KILLS:-12}"); do
	run
	sleep "0.$((RANDOM % 9 + 1))"
	stop KILL
	curl -sf -X POST "$SIM/sim/sender-died" >/dev/null
done
once
must "it ends with 0" test "$RC" = 0
must "Splunk has everything, and twice only what was under way" sinks_whole
