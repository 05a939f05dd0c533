# shellcheck shell=bash
# What the stories share: a simulator, a configuration, a forwarder, and the oracle's word.
#
# A story is a file NNN-what-must-hold.sh that is sourced with a directory of its own as $W. It starts what it needs, and
# says `must NAME CONDITION...`. Everything listens on loopback, on free ports; only what a story started is ended.

: "${M365FWD:=./m365fwd}" "${M365SIM:=./m365sim}" "${M365FWD_FAST:=${M365FWD}-fast}"
TENANT=11111111-2222-3333-4444-555555555555

sim() {		# sim [FLAGS]: starts m365sim; $SIM is its address
	rm -f "$W/port"
	"$M365SIM" --port 0 --port-file "$W/port" --throttle 0 "$@" >"$W/sim.log" 2>&1 &
	SIM_PID=$!
	for _ in $(seq 1000); do [ -s "$W/port" ] && break; sleep 0.05; done
	SIM=http://127.0.0.1:$(cat "$W/port")
	for _ in $(seq 1000); do curl -sf "$SIM/sim/ready" >/dev/null && return; sleep 0.05; done
	fail "the simulator does not answer: $(tail -n 3 "$W/sim.log")"
	exit 1
}

# The forwarder lives in the simulator's time from here on; for a simulator started with --clock-rate.
simulated_time() {
	M365FWD=$M365FWD_FAST
	M365FWD_TEST_CLOCK=$(curl -sf "$SIM/sim/ready" | jq -r .clock)
	export M365FWD_TEST_CLOCK
}
clock_off() {	# clock_off SECONDS: this host's wall clock is wrong by so much; a running forwarder sees it jump
	[ -e "$W/skew" ] || { printf '%-40s' 0 >"$W/skew"; export M365FWD_TEST_SKEW=$W/skew; }
	printf '%-40s' "$(($1 * 1000))" | dd of="$W/skew" conv=notrunc status=none
}
sim_now() { curl -sf "$SIM/sim/ready" | jq -r .now; }

fault() { curl -sf -X POST "$SIM/sim/fault?set=$1" >/dev/null || fail "fault $1"; }
clear_fault() { curl -sf -X POST "$SIM/sim/fault?clear=$1" >/dev/null || fail "clear $1"; }

two_outputs() {
	cat <<-EOF
	  - {name: elastic, type: bulk, url: "${BULK:-$SIM}", schema: ecs, batch: {linger: 200ms}${BULK_MORE:-}}
	  - {name: archive, type: file, path: $W/archive, schema: ${FILE_SCHEMA:-raw}, batch: {linger: 500ms}}
	EOF
}

conf() {	# conf [EXTRA YAML at the top level]: writes $W/c.yaml
	[ -e "$W/secret" ] || (umask 077; printf 'sim-secret~1\n' >"$W/secret")
	cat >"$W/c.yaml" <<-EOF
	state_dir: $W/state
	admin: {listen: "off"}
	log: {level: ${LEVEL:-info}}
	spool: {${SPOOL:-reserve: 8MiB}}
	poll: {interval: ${INTERVAL:-2s}, settle: 1s, requests_per_minute: ${RPM:-60000}}
	tenants:
	  - name: contoso
	    id: $TENANT
	    cloud: custom
	    endpoints: {login: "$SIM", management: "$SIM"${GRAPH:+, graph: "$GRAPH"}}
	    auth: {client_id: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, client_secret: "file:$W/secret"}
	    feeds: [${FEEDS:-audit.exchange, audit.sharepoint, audit.entra, audit.general, audit.dlp}]
	    start: ${START:-2d}
	outputs:
	${OUTPUT_YAML:-$(two_outputs)}
	${1:-}
	EOF
}

once() {	# once [TIMEOUT]: run --once; $RC is its exit code. Without TIMEOUT a minute of a quiet machine
	RC=0
	"$M365FWD" run --once --timeout "${1:-$((60 * PATIENCE))s}" -c "$W/c.yaml" >>"$W/log" 2>&1 || RC=$?
}

run() {		# run: the daemon, in the background
	"$M365FWD" run -c "$W/c.yaml" >>"$W/log" 2>&1 &
	RUN_PID=$!

}

stop() {	# stop [SIGNAL]: $RC is its exit code
	RC=0
	[ -n "${RUN_PID:-}" ] || return 0
	kill -"${1:-TERM}" "$RUN_PID" 2>/dev/null
	wait "$RUN_PID" 2>/dev/null || RC=$?
	RUN_PID=
}

report() { curl -sf "$SIM/sim/report?files=$W/archive"; }
ask() { "$M365FWD" "$@" -c "$W/c.yaml" 2>>"$W/ask.log"; }

# How often the seconds that a quiet machine needs a busy one gets: what holds is seen at once all the same, only what fails takes longer.
: "${PATIENCE:=4}"

until_true() {	# until_true SECONDS COMMAND...: SECONDS of a quiet machine
	local end=$((SECONDS + $1 * PATIENCE))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.3
	done
}

complete() {	# both outputs hold every obligation, none twice
	report >"$W/report.json" && jq -e '.bulk.missing == 0 and .bulk.created_twice == 0 and .bulk.unexpected == 0 and
	    .files.missing == 0 and .files.twice == 0 and .files.torn == 0 and .files.unexpected == 0 and .listed.records > 0' \
	    "$W/report.json" >/dev/null
}

tallies() {	# stored = delivered + dead + dropped, per output, feed and hour, by count (dead "-" was never stored)
	ask status --json >"$W/status.json" || return 1
	jq -e '(.store // .).tallies as $t | ($t.stored // 0) as $s |
	    [ "elastic", "archive" ] | all(. as $o | (($t["delivered:" + $o] // 0) + ($t["dead:" + $o] // 0) +
	    ($t["dropped:" + $o] // 0)) == $s)' "$W/status.json" >/dev/null
}

# After every story, and whatever it left undone: stored = delivered + dead + dropped + owed, per output, feed and hour, by count, XOR
# and sum. $WEIGHED, or $SINKS: those that were there from the first record on.
weigh() {
	stop KILL
	[ -e "$W/state/state.db" ] || return 0
	local scales
	scales=$(dirname "$M365FWD")/tests/kit/weigh
	[ -x "$scales" ] || scales=$(dirname "${BASH_SOURCE[0]}")/../kit/weigh
	# shellcheck disable=SC2086
	"$scales" "$W/state" ${WEIGHED:-${SINKS:-elastic archive}} >"$W/weigh.log" 2>&1 || {
		sed 's/^/    /' "$W/weigh.log" | tee -a "$W/not-so" >&2
		return 1
	}
}

skip() { printf "%s" "$*" >"$W.skipped"; exit 0; }	# skip WHY: this story cannot be told here
fail() { printf "    %s\n" "$*" | tee -a "$W/not-so" >&2; FAILED=1; }	# to stderr: "must" is often sent to /dev/null
must() {	# must NAME COMMAND...
	local name=$1
	shift
	"$@" || fail "not so: $name"
}

end_story() {
	stop KILL
	[ -z "${SIM_PID:-}" ] || { kill "$SIM_PID" 2>/dev/null; wait "$SIM_PID" 2>/dev/null; SIM_PID=; }
}
