# shellcheck shell=bash
# A real Elasticsearch: SIGKILL under load; and its failure store, which takes what the mapping refuses and says so: delivered,
# counted, never sent again.
node_start elasticsearch || { fail "Elasticsearch does not start"; return; }
# File names are no addresses: records with one go to the failure store.
template "{\"index_patterns\":[\"logs-*-*\"],\"priority\":500,\"data_stream\":{},\"template\":{\"data_stream_options\":{\"failure_store\":{\"enabled\":true}},
    \"settings\":{$SETTINGS},\"mappings\":{$MAPPINGS,\"properties\":{\"file\":{\"properties\":{\"name\":{\"type\":\"ip\"}}}}}}}"
sim --records 3000 --rate 150 --odd 1
BULK=$NODE
sinks_conf elastic archive
run
must "documents arrive" until_true 40 grows 1000
killed_and_started elasticsearch
no_more
must "the forwarder says that all is delivered" until_true 120 all_delivered
stop
once 120s		# what was listed in the last moment
must "run --once has nothing left" test "$RC" = 0
must "the log names the cluster" grep -q 'the cluster is Elasticsearch 8' "$W/log"
must "and the failure store" said 'output-redirected' 2
node_documents elasticsearch 'logs-*' >"$W/documents" || fail "documents cannot be read back"
# What was sent again after the kill may be there twice: a failure has an _id of its own.
node_documents elasticsearch 'logs-*::failures' | jq -c 'select(.document) | .document' | sort -u >"$W/failures"
must "the failure store holds some" test -s "$W/failures"
jq -c '({create: {_index: .index, _id: .id}}, .source)' "$W/failures" >>"$W/documents"
verdict "$W/documents"
printf '    of these in the failure store: %d\n' "$(wc -l <"$W/failures")"
node_end elasticsearch
