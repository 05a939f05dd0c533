# shellcheck shell=bash
# What a real store holds, told to the oracle: documents and events are read back through its search API and put into
# m365sim, so that the same judge that judges simulated destinations judges real ones.

# node_documents KIND TARGET: every document as two Bulk lines, through a scroll
node_documents() {
	local reply scroll
	curl -fsS -X POST "$NODE/$2/_refresh" >/dev/null || return 1
	reply=$(mktemp "$W/page.XXXXXX")
	curl -fsS "$NODE/$2/_search?scroll=2m&size=2000" -H 'Content-Type: application/json' -d '{"sort":["_doc"]}' >"$reply" || return 1
	while [ "$(jq '.hits.hits | length' "$reply")" -gt 0 ]; do
		jq -c '.hits.hits[] | ({create: {_index, _id}}, ._source)' "$reply"
		scroll=$(jq -r ._scroll_id "$reply")
		curl -fsS "$NODE/_search/scroll" -H 'Content-Type: application/json' \
		    -d "{\"scroll\":\"2m\",\"scroll_id\":\"$scroll\"}" >"$reply" || return 1
	done
	rm -f "$reply"
}

# to_oracle_bulk FILE: Bulk lines; the simulated index forgets what it held before
to_oracle_bulk() {
	curl -fsS -X POST "$SIM/sim/reset-sink" >/dev/null
	rm -f "$W"/part.*
	split -l 4000 "$1" "$W/part."
	for part in "$W"/part.*; do
		curl -fsS -X POST "$SIM/_bulk?filter_path=errors" -H 'Content-Type: application/x-ndjson' --data-binary "@$part" >>"$W/oracle.log" || return 1
	done
	rm -f "$W"/part.*
}

# to_oracle_hec FILE: envelopes, a line each
to_oracle_hec() {
	rm -f "$W"/part.*
	split -l 2000 "$1" "$W/part."
	for part in "$W"/part.*; do
		curl -fsS -X POST "$SIM/services/collector/event" -H 'Authorization: Splunk 22222222-3333-4444-5555-666666666666' \
		    -H 'Content-Type: application/json' --data-binary "@$part" >>"$W/oracle.log" || return 1
	done
	rm -f "$W"/part.*
}
