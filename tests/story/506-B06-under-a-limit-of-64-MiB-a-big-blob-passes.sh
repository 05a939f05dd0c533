# The kernel's own limit, page cache included: in a memory cgroup of 64 MiB a blob of $BIG MiB (500 is the full form) passes. In one that is
# too small for the process it is killed, again and again, as by SIGKILL; with room it goes on, and nothing is missing or twice.
group=/sys/fs/cgroup/memory/m365fwd-story-$$
mkdir "$group" 2>/dev/null || skip "no memory cgroup (v1) can be made here"
group_gone() { until_true 5 rmdir "$group" 2>/dev/null; }
trap 'end_story; group_gone' EXIT
limit() { echo "$1" >"$group/memory.limit_in_bytes"; }
run_limited() {
	sh -c 'echo $$ >"$1/cgroup.procs" && exec "$2" run -c "$3"' - "$group" "$M365FWD" "$W/c.yaml" >>"$W/log" 2>&1 &
	RUN_PID=$!
}
killed_by_the_kernel() { ! kill -0 "$RUN_PID" 2>/dev/null; }
settled() {
	ask status --json >"$W/status.json" && jq -e ".store | (.feeds | all(.listed == 0) and any(.records > 1000)) and
	    .spool.records == 0" "$W/status.json" >/dev/null
}
sim --records 200 --big-blob "${BIG:-100}"
conf
limit 6M
for i in 1 2 3; do
	run_limited
	must "with 6 MiB the kernel kills it" until_true 60 killed_by_the_kernel
	stop KILL
	must "as by SIGKILL ($RC)" test "$RC" = 137
done 2>/dev/null
limit 64M
echo 0 >"$group/memory.max_usage_in_bytes"
run_limited
must "with 64 MiB all is read and delivered" until_true 400 settled
must "everything arrives" until_true 60 complete
must "it was never killed" kill -0 "$RUN_PID"
printf '    %s MiB blob in 64 MiB: the group had at most %s KiB, the process %s KiB; the limit was met %s times\n' "${BIG:-100}" \
    $(($(cat "$group/memory.max_usage_in_bytes") / 1024)) "$(awk '/VmHWM/ { print $2 }' "/proc/$RUN_PID/status")" "$(cat "$group/memory.failcnt")"
stop
