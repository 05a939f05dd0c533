#!/bin/sh
# Shows m365fwd at work: installs what it needs, builds it, and forwards a generated day of a small tenant from the simulator
# on loopback to files and to a simulated Elasticsearch. With --keep everything stays running afterwards.
#
# With M365FWD_TENANT_ID, M365FWD_CLIENT_ID and M365FWD_CLIENT_SECRET_FILE set it forwards the last day of that real tenant to
# the same file output instead.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=contrib/packages.sh
. "$top/contrib/packages.sh"

work=${M365FWD_QUICKSTART_DIR:-$top/quickstart}
records=${M365FWD_QUICKSTART_RECORDS:-20000}
rows=${M365FWD_QUICKSTART_ROWS:-4000}
keep=
sim_pid="" fwd_pid=""

usage() {
	say "usage: contrib/quickstart.sh [--keep]"
	say "  --keep   leave the simulator and the forwarder running"
	say "environment: M365FWD_TENANT_ID, M365FWD_CLIENT_ID, M365FWD_CLIENT_SECRET_FILE: use this real tenant"
	say "             M365FWD_QUICKSTART_DIR: where its files go (default: quickstart/ beside the sources)"
}

for arg in "$@"; do
	case $arg in
	--keep) keep=1 ;;
	--help | -h) usage; exit 0 ;;
	*) usage >&2; exit 64 ;;
	esac
done

stop_pid() {
	[ -z "$1" ] || { kill "$1" 2>/dev/null && wait "$1" 2>/dev/null || :; }
}

clean_up() {
	[ -z "$keep" ] || return 0
	stop_pid "$fwd_pid"
	stop_pid "$sim_pid"
}
trap clean_up EXIT
trap 'keep=; exit 130' INT TERM

# What an earlier run with --keep left running.
end_earlier() {
	for f in "$work/fwd.pid" "$work/sim.pid"; do
		[ -s "$f" ] || continue
		pid=$(cat "$f")
		case $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null) in
		*m365fwd*"$work"* | *m365sim*"$work"*) kill "$pid" 2>/dev/null || : ;;
		esac
		rm -f "$f"
	done
	sleep 0.3
}

write_config() {	# LOGIN MANAGEMENT TENANT CLIENT SECRET_FILE CLOUD
	cat >"$work/m365fwd.yaml" <<-EOF
	state_dir: $work/state
	admin: {listen: "off"}
	poll: {interval: 5s, settle: 2s, requests_per_minute: 60000}
	tenants:
	  - name: quickstart
	    id: $3
	    cloud: $6
	EOF
	feeds="audit.exchange, audit.sharepoint, audit.entra, audit.general, audit.dlp"
	if [ "$6" = custom ]; then
		feeds="$feeds, signin.interactive, signin.noninteractive, signin.serviceprincipal, signin.managedidentity, directory.audit"
		printf '    endpoints: {login: "%s", management: "%s", graph: "http://localhost:%s"}\n' "$1" "$2" "${2##*:}" >>"$work/m365fwd.yaml"
	fi
	cat >>"$work/m365fwd.yaml" <<-EOF
	    auth: {client_id: $4, client_secret: "file:$5"}
	    feeds: [$feeds]
	    start: 2d
	outputs:
	  - {name: archive, type: file, path: $work/archive, schema: raw, batch: {linger: 1s}}
	EOF
	[ "$6" != custom ] || printf '  - {name: elastic, type: bulk, url: "%s", schema: ecs}\n' "$2" >>"$work/m365fwd.yaml"
}

start_simulator() {
	"$top/m365sim" --port 0 --port-file "$work/port" --records "$records" --days 1 --throttle 0 \
	    --graph-rows "$rows" --graph-late 0 --graph-change 0 >"$work/sim.log" 2>&1 &
	sim_pid=$!
	echo "$sim_pid" >"$work/sim.pid"
	for _ in $(seq 200); do
		[ -s "$work/port" ] && curl -sf "http://127.0.0.1:$(cat "$work/port")/sim/ready" >/dev/null && return 0
		sleep 0.1
	done
	die "the simulator did not start, see $work/sim.log"
}

figure() {	# NAME: one number of the oracle's report
	printf '%s' "$report" | jq -r "$1"
}

# One line that is written over, on a terminal; one every few seconds elsewhere.
progress() {
	if [ -t 1 ]; then printf '\r\033[K%s' "$1"; else printf '%s\n' "$1"; fi
}

say "m365fwd quickstart: 1. packages, 2. build, 3. forward"
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES $TEST_PACKAGES
say "Building in $top (make; the log is build.log)"
build_tree "$top"

mkdir -p "$work"
end_earlier
rm -rf "${work:?}/state" "${work:?}/archive" "$work/port"

if [ -n "${M365FWD_TENANT_ID:-}" ]; then
	[ -n "${M365FWD_CLIENT_ID:-}" ] && [ -n "${M365FWD_CLIENT_SECRET_FILE:-}" ] ||
	    die "M365FWD_TENANT_ID needs M365FWD_CLIENT_ID and M365FWD_CLIENT_SECRET_FILE beside it"
	write_config '' '' "$M365FWD_TENANT_ID" "$M365FWD_CLIENT_ID" "$(realpath "$M365FWD_CLIENT_SECRET_FILE")" "${M365FWD_CLOUD:-global}"
	say "Forwarding the last day of tenant $M365FWD_TENANT_ID to $work/archive (this may take a while; Ctrl-C keeps what is there)"
	"$top/m365fwd" run --once --timeout 60m -c "$work/m365fwd.yaml" ||
	    say "m365fwd ended with $?: see above; \"$top/m365fwd status -c $work/m365fwd.yaml\" says what is left"
	say "Records in files: $(find "$work/archive" -name '*.gz' -exec zcat {} + 2>/dev/null | wc -l)"
	say "Look at them: zcat $work/archive/quickstart/*/*/*.gz | head -n 1 | jq ."
	exit 0
fi

(umask 077 && printf 'sim-secret~1\n' >"$work/secret")
start_simulator
sim=http://127.0.0.1:$(cat "$work/port")
write_config "$sim" "$sim" 11111111-2222-3333-4444-555555555555 aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee "$work/secret" custom
"$top/m365fwd" check -c "$work/m365fwd.yaml"

began=$(date +%s)
if [ -n "$keep" ]; then
	"$top/m365fwd" run -c "$work/m365fwd.yaml" >"$work/m365fwd.log" 2>&1 &
else
	"$top/m365fwd" run --once --timeout 10m -c "$work/m365fwd.yaml" >"$work/m365fwd.log" 2>&1 &
fi
fwd_pid=$!
echo "$fwd_pid" >"$work/fwd.pid"

rc=0 last=""
while :; do
	report=$(curl -sf "$sim/sim/report") || die "the simulator is gone, see $work/sim.log"
	listed=$(figure .listed.distinct_ids) stored=$(figure .bulk.documents)
	line="  $(( $(date +%s) - began )) s: listed $(figure .listed.records) records ($listed distinct), Elasticsearch has $stored"
	[ "$line" = "$last" ] || progress "$line"
	last=$line
	kill -0 "$fwd_pid" 2>/dev/null || { wait "$fwd_pid" || rc=$?; break; }
	[ -n "$keep" ] && [ "$listed" -gt 0 ] && [ "$(figure '.bulk.missing + .graph.bulk.missing')" = 0 ] &&
	    [ "$(figure '[.graph.feeds[] | select(.asked)] | length')" = 5 ] &&
	    [ "$(curl -sf "$sim/sim/report?files=$work/archive" | jq '.files.missing + .graph.files.missing')" = 0 ] && break
	sleep 1
done
[ -t 1 ] && printf '\n'
took=$(( $(date +%s) - began ))
report=$(curl -sf "$sim/sim/report?files=$work/archive")

say ""
say "Listed by the simulated tenant:  $(figure .listed.records) records in $(figure .listed.blobs) content blobs"
say "In the simulated Elasticsearch:  $(figure .bulk.documents) documents, missing $(figure .bulk.missing), twice $(figure .bulk.created_twice)"
say "In files:                        $(figure .files.lines) lines, missing $(figure .files.missing), twice $(figure .files.twice), torn $(figure .files.torn)"
say "Of these from Microsoft Graph:   $(figure .graph.bulk.due) sign-ins and directory audits, missing $(figure '.graph.bulk.missing + .graph.files.missing'), twice $(figure '.graph.bulk.twice + .graph.files.twice')"
say "It took:                         $took s (Graph allows 5 requests in 10 s)"
say "Where to look:"
say "  the records     zcat $work/archive/quickstart/*/*/*.gz | head -n 1 | jq ."
say "  the log         $work/m365fwd.log"
say "  the state       $top/m365fwd status -c $work/m365fwd.yaml"
say "  configuration   $work/m365fwd.yaml (and conf/m365fwd.yaml, which explains every option)"
if [ -n "$keep" ]; then
	say "Still running: m365fwd ($fwd_pid) and m365sim ($sim_pid, $sim/sim/report); end them with: kill $fwd_pid $sim_pid"
fi

[ "$rc" -eq 0 ] || die "m365fwd ended with $rc, see $work/m365fwd.log"
printf '%s' "$report" | jq -e '.bulk.missing == 0 and .bulk.created_twice == 0 and .files.missing == 0 and .files.twice == 0 and
    .files.torn == 0 and ([.graph.bulk, .graph.files] | all(.missing == 0 and .twice == 0 and .due > 0))' >/dev/null || die "the oracle found something missing or twice: $sim/sim/report"
