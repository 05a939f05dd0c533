# shellcheck shell=bash
# A real OpenSearch with the index templates that m365fwd setup installs: SIGKILL of the node twice under load, once of the forwarder, with a rollover of the data stream in
# between. Nothing is missing and none is there twice, counted by id through the search API.
node_start opensearch || { fail "OpenSearch does not start"; return; }
sim --records 3000 --rate 150 --odd 3
BULK=$NODE
sinks_conf elastic archive
must "setup installs the templates" eval 'ask setup elastic >"$W/setup"'
must "... for audit records, too" curl -fsS -o /dev/null "$NODE/_index_template/m365fwd-o365.audit"
run
must "documents arrive" until_true 40 grows 1000
killed_and_started opensearch
killed_and_started opensearch
stop KILL
must "a rollover" curl -fsS -o /dev/null -X POST "$NODE/logs-o365.audit-default/_rollover"
before=$(count)
run
must "and more arrive" until_true 60 grows "$before"
no_more
must "the forwarder says that all is delivered" until_true 120 all_delivered
stop
once 120s		# what was listed in the last moment
must "run --once has nothing left" test "$RC" = 0
must "the log names the cluster" grep -q 'the cluster is OpenSearch 2' "$W/log"
node_documents opensearch 'logs-*' >"$W/documents" || fail "documents cannot be read back"
verdict "$W/documents"
node_end opensearch
