# shellcheck shell=bash
# What the stories of Microsoft Graph share. Graph is reached as localhost and the rest as 127.0.0.1, so that a token for the one
# is no good for the other.

SIGNINS="signin.interactive, signin.noninteractive, signin.serviceprincipal, signin.managedidentity"
DIRECTORY="directory.audit, directory.provisioning"
SECURITY="risk.user, risk.serviceprincipal, alerts, incidents"

# graph_conf FEEDS [GRAPH KEYS]: a configuration with these feeds; GRAPH KEYS as in {interval: 60s}
graph_conf() {
	GRAPH=http://localhost:${SIM##*:}
	FEEDS=$1
	conf "${2:+graph: $2}"
}

# What the oracle says of Graph's rows, at Bulk and in the files.
graph_complete() {
	report >"$W/report.json" && jq -e '[.graph.bulk, .graph.files] | all(.missing == 0 and .missing_old == 0 and .twice == 0 and
	    .unexpected == 0 and .due > 0)' "$W/report.json" >/dev/null
}
graph_whole() { graph_complete && jq -e '.files.torn == 0 and .bulk.unexpected == 0 and .bulk.refused_400 == 0' "$W/report.json" >/dev/null; }

# One line of what happened.
graph_tells() {
	jq -r '.graph | "    rows \([.feeds[].rows] | add), late \([.feeds[].late] | add), changes \([.feeds[].changes] | add), twins \([.feeds[].twins] | add); " +
	    "Bulk: due \(.bulk.due), missing \(.bulk.missing) + \(.bulk.missing_old), twice \(.bulk.twice); files: missing \(.files.missing) + \(.files.missing_old), twice \(.files.twice)"' \
	    "$W/report.json"
}
no_gaps() { [ -z "$(ask gaps --json)" ]; }
usage() { curl -sf "$SIM/sim/report" | jq -r ".graph.usage$1"; }
usage_reset() { curl -sf -X POST "$SIM/sim/graph?usage=reset" >/dev/null || fail "usage"; }
roles() { curl -sf -X POST "$SIM/sim/graph?roles=$1" >/dev/null || fail "roles"; }
asked() { curl -sf "$SIM/sim/report" | jq -e --arg f "$1" --argjson n "${2:-1}" '.graph.feeds[$f].requests >= $n' >/dev/null; }	# asked FEED [TIMES]
fault_hits_of() { curl -sf "$SIM/sim/faults" | jq --arg f "$1" '.[] | select(.name == $f) | .hits'; }
