# D15: a load balancer or a login page answers with a redirect: it is named, not followed, and nothing is dropped.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 150 --trap-port 0 --fault hec-302-elsewhere --fault bulk-302-elsewhere
all_sinks
run
must "Splunk's redirect is said" until_true 15 eval "grep -q 'splunk: .*302' $W/log"
must "Elasticsearch's redirect is said" until_true 15 eval "grep -q 'elastic: .*302' $W/log"
sleep 1
must "nobody went there" jq -e '.trap_requests == 0 and .token_leaks == 0' <<<"$(report)" >/dev/null
mended
must "everything arrives" until_true 20 sinks_whole
must "no dead letter" no_dead
must "no secret and no record was logged" tells_nothing
stop
