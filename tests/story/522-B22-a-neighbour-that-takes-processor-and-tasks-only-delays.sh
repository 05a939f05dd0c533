# Neighbours take the processor: what is left is little, it takes longer, everything arrives once and systemd hears of us in time. Neighbours take
# every task: no thread can be had for looking up a name, which is said, while a tenant whose address needs none goes on; then all arrives.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
# shellcheck source=tests/story/lib_lies.sh
. "$here/lib_lies.sh"
authority ours
certificate good ours 20991231 DNS:m365.test
other_tenant 60
sim --now 2026-11-23T08:00:00 --clock-rate 60 --subscribed --records 600 --days 0.5 --tls-port 0 --tls-cert "$W/good.crt" --tls-key "$W/good.key"
group=/sys/fs/cgroup/pids/m365fwd-story-$$
group_gone() { until_true 5 rmdir "$group" 2>/dev/null; }
trap 'kill $OTHER_PID $LISTENER; calm; end_story; [ ! -d $group ] || group_gone' EXIT
TLS=$(curl -sf "$SIM/sim/ready" | jq .tls_port)
simulated_time
export M365FWD_TEST_NAMES=$W/names INTERVAL=60s
echo 192.0.2.1 >"$W/names"
PLAIN=$SIM SIM=https://m365.test:$TLS BULK=$PLAIN
conf
SIM=$PLAIN
sed -i "s#^    cloud: custom#&\n    ca_file: $W/ours.crt\n    proxy: off#" "$W/c.yaml"
other_joins

# Five of them on the one processor that we may use, and we are the one that gives way.
CPU=$(taskset -pc $$ | sed 's/.*[^0-9]//')
crowd() { for _ in 1 2 3 4 5; do taskset -c "$CPU" perl -e 'alarm 300; 1 while 1' & CROWD+=" $!"; done; }
# shellcheck disable=SC2086
calm() { [ -z "${CROWD:-}" ] || { kill $CROWD; wait $CROWD; CROWD=; } 2>/dev/null; }
perl -MIO::Socket::UNIX -MTime::HiRes=time -e '$| = 1; $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die;
    while (defined $s->recv($_, 4096)) { printf "%.3f %s\n", time, tr/\n/ /r }' "$W/notify" >"$W/heard" &
LISTENER=$!
must "somebody hears what systemd would" until_true 10 test -S "$W/notify"
theirs=$(others)
crowd
WATCHDOG_USEC=10000000 NOTIFY_SOCKET=$W/notify run
{ renice -n 5 -p "$RUN_PID"; taskset -apc "$CPU" "$RUN_PID"; } >/dev/null
must "everything arrives" until_true 60 arrived
fed() { [ "$(grep -c WATCHDOG=1 "$W/heard")" -ge 5 ]; }
must "the watchdog is fed" until_true 20 fed
must "the other tenant goes on" until_true 10 others_more "$theirs"
read -r ran waited <<<"$(cat /proc/"$RUN_PID"/task/*/schedstat | awk '{ r += $1; w += $2 } END { printf "%d %d", r / 1e6, w / 1e6 }')"
must "the neighbours had the processor: it ran $ran ms and waited $waited" test "$waited" -gt $((15 * ran))
longest=$(awk '/WATCHDOG=1/ { if (at && $1 - at > most) most = $1 - at; at = $1 } END { printf "%d", most * 1000 }' "$W/heard")
must "a sixth of the unit's WatchdogSec would do: $longest ms" test "$longest" -lt 10000
calm
stop
must "SIGTERM ends it with 0" test "$RC" = 0
printf '    ran %s ms, waited %s ms for the processor; the watchdog waited %s ms at most\n' "$ran" "$waited" "$longest"

# The kernel's limit of tasks, as TasksMax= sets it: too few to start with; then twelve, and a neighbour that forks for ever among them.
mkdir "$group" 2>/dev/null || { echo "    no pids cgroup (v1) can be made here: tasks were not taken"; return; }
within() { exec sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$group" "$@"; }	# in a process of its own
logged() { grep -q -- "$1" "$W/log"; }
for n in 2 3; do
	echo "$n" >"$group/pids.max"
	RC=0
	(within "$M365FWD" run -c "$W/c.yaml") 2>"$W/last" || RC=$?
	must "with $n tasks it ends with 75, not $RC" test "$RC" = 75
	must "... and one sentence: $(cat "$W/last")" eval '[ "$(wc -l <"$W/last")" = 1 ] && grep -q "no thread is left (.*TasksMax=" "$W/last"'
done
echo 12 >"$group/pids.max"
echo none >"$W/names"
mv "$W/log" "$W/log.before"
within "$M365FWD" run -c "$W/c.yaml" >>"$W/log" 2>&1 & RUN_PID=$!
must "with a dozen it starts" until_true 10 logged 'contoso.*dns: m365.test:.*resolve'
within perl -e '$SIG{TERM} = sub { kill 9, @mine; exit }; for (;;) {
    defined($p = fork) ? $p ? push @mine, $p : exec "sleep", 300 : select undef, undef, undef, 0.01 }' & CROWD=$!
must "none is left" until_true 10 eval '[ "$(cat "$group/pids.current")" = 12 ]'
echo 192.0.2.1 >"$W/names"
more 50
listed=$(report | jq .listed.records) theirs=$(others)
must "no thread for looking up a name: said" until_true 10 logged 'contoso.*dns: m365.test:.*thread'
must "the other tenant goes on" until_true 10 others_more "$theirs"
must "and this one could not" test "$(report | jq .listed.records)" = "$listed"
calm
more_arrived() { arrived && [ "$(jq .listed.records "$W/report.json")" -ge $((listed + 50)) ]; }
must "then everything arrives" until_true 20 more_arrived
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "no gap" no_gaps
must "no dead letter" no_dead
