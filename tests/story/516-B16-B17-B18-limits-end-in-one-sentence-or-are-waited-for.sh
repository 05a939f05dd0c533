# A read-only file system, no descriptors, files that may not grow: at the start one sentence with what to do; at run time a stop
# of the same kind, or a wait that ends by itself.
. "$(dirname "${BASH_SOURCE[0]}")/lib_disk.sh"
sim --records 600
conf

anew "read-only at run time"
faulty write:30:60:state.db-wal
ends 74 'Read-only file system.*mount the file system writable'
sound

anew "files may not grow"
once_more 10s prlimit --fsize=$((4 << 20))
ends 74 'files may not grow over 4194304 bytes here.*LimitFSIZE'
sound
anew "files may grow to 42 MiB"
SPOOL='reserve: 64MiB'
conf
once_more 40s prlimit --fsize=$((42 << 20))
must "$NAME: it works ($RC)" test "$RC" = 0
must "$NAME: nothing is missing" complete

for n in $(seq 5 18); do	# whatever this shell had open: each is missed at another place
	anew "$n descriptors"
	once_more 10s prlimit --nofile=$n
	must "$NAME: it ends with 74 or 75, not $RC" test "$RC" = 74 -o "$RC" = 75
	must "$NAME: and says so: $(tail -n 1 "$W/last")" grep -q 'LimitNOFILE' "$W/last"
done
sound
fault bulk-503
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=300" >/dev/null
run
until_true 20 test -S "$W/state/ctl.sock"
prlimit --pid "$RUN_PID" --nofile="$(find "/proc/$RUN_PID/fd" | wc -l):4096"
clear_fault all
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=300" >/dev/null
sleep 5
must "no descriptor at run time: it lives" kill -0 "$RUN_PID"
prlimit --pid "$RUN_PID" --nofile=1024:4096
must "... and goes on when there are some" until_true 60 eval 'complete && jq -e ".listed.records >= 1200" "$W/report.json" >/dev/null'
stop

disk "$W/ro" size=200m
sed -i "s#$W/state#$W/ro/state#" "$W/c.yaml"
mkdir -m 0700 "$W/ro/state"
once_more 30s
must "it runs on a disk of its own" test "$RC" = 0
mount -o remount,ro "$W/ro"
NAME="read-only at the start" OF=$W/ro/state
once_more
ends 74 'mount the file system writable'
mount -o remount,rw "$W/ro"
once_more 30s
must "$NAME: then it goes on" test "$RC" = 0
