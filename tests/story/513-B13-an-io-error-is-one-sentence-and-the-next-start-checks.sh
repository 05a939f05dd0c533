# Writes, flushes and reads of the store fail with EIO: at the start, in the middle, while the WAL is copied into the file. Each time
# the program ends with 74 and one sentence, a flush is not tried again, and the next start checks the file and goes on.
. "$(dirname "${BASH_SOURCE[0]}")/lib_disk.sh"
sim --records 600
conf
for what in write:5:1:state.db-wal write:5:60:state.db-wal flush:5:9:state.db-wal:once flush:5:2:state.db:once read:5:1:state.db; do
	anew "$what"
	faulty "$what"
	ends 74 'Input/output error.*dmesg'
	must "$what: a note is left" test -e "$W/state/state.check"
	sound
	must "$what: the file was checked" grep -q store-check "$W/last"
done
anew "the archive's disk"
faulty write:5:3:ndjson.gz
must "the archive holds" test "$RC" = 75
must "... and says why" grep -q 'output-hold: archive: .*Input/output error' "$W/last"
sound
