# Bytes of the store are flipped or missing, in a record, the header, the WAL: what can be had from Microsoft is fetched again, and
# what cannot be read is refused with what to do.
. "$(dirname "${BASH_SOURCE[0]}")/lib_disk.sh"
sim --records 600
conf
spooled() { ask status --json >"$W/status.json" && jq -e '.store.spool.records > 480' "$W/status.json" >/dev/null; }
in_wal() { ! grep -qa CreationTime "$W/state/state.db"; }	# what was copied from the WAL already would make another damage of it
fault bulk-503
for _ in 1 2 3 4 5; do
	anew "killed"
	run
	must "records wait for the cluster" until_true 30 spooled
	stop KILL
	in_wal && break
done
must "the WAL alone holds them" in_wal
mkdir -p "$W/archive"
cp -r "$W/state" "$W/running"
cp -r "$W/archive" "$W/archive.running"
rm "$W/state/ctl.sock"
run
must "it runs again" until_true 30 spooled
stop
truncate -s 0 "$W/state/state.db-wal"		# all of it is in the file, which is read where the WAL is empty
cp -r "$W/state" "$W/stopped"
cp -r "$W/archive" "$W/archive.stopped"
clear_fault all
damaged() {	# damaged NAME running|stopped
	rm -rf "$W/state" "$W/archive"
	cp -r "$W/$2" "$W/state"
	cp -r "$W/archive.$2" "$W/archive"
	NAME=$1
}

damaged "a byte of a record" stopped
at=$(grep -obUa '"UserId"' "$W/state/state.db" | cut -d: -f1 | sort -n | awk '{ a[NR] = $1 } END { print a[int(NR / 2)] }')	# of a record, no dead letter
flip "$W/state/state.db" "$at"
once_more 40s
must "$NAME: it goes on ($RC)" test "$RC" = 0 -o "$RC" = 75
must "$NAME: a gap says so" test "$(ask gaps --json | grep -c damaged)" -ge 1

damaged "the header" stopped
head -c 100 /dev/zero | dd of="$W/state/state.db" conv=notrunc status=none
once_more
ends 74 'no sound store.*move the file away'
rm -f "$W/state/state.db"*
rm -rf "$W/archive"
sound

damaged "half a file" stopped
truncate -s $(($(stat -c %s "$W/state/state.db") / 2 / 16384 * 16384)) "$W/state/state.db"
once_more
for _ in 1 2; do		# found by its use, then by the check
	must "$NAME: it ends with 74, not $RC" test "$RC" = 74
	once_more
done
ends 74 'move the file away'

damaged "no file, but its WAL" running
: >"$W/state/state.db"
once_more
ends 78 'wal file is there; put it back'

for where in 2 5; do
	damaged "a byte at $where/6 of the WAL" running
	flip "$W/state/state.db-wal" $(($(stat -c %s "$W/state/state.db-wal") * where / 6))
	sound
	damaged "$where/6 of the WAL" running
	truncate -s $(($(stat -c %s "$W/state/state.db-wal") * where / 6)) "$W/state/state.db-wal"
	sound
done
