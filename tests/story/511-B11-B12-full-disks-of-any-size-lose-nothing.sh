# Disks that are too small from the first byte, or that have no inodes: it works, waits, or says in one sentence why not; and when
# there is room, nothing is missing.
. "$(dirname "${BASH_SOURCE[0]}")/lib_disk.sh"
sim --records 1500
conf
for size in 16k 1m 12m 28m; do
	rm -rf "$W/archive"
	disk "$W/state" "size=$size"
	NAME="a disk of $size"
	once_more 8s
	[ "$RC" != 74 ] || ends 74 'full'
	[ "$RC" != 75 ] || must "$NAME: what it waits for is said" grep -q 'disk\|room\|full' "$W/last"
	must "$NAME: it ends with 0, 74 or 75, not $RC" test "$RC" = 0 -o "$RC" = 74 -o "$RC" = 75
	mount -o remount,size=200m "$W/state"
	sound
	umount "$W/state"
done

for inodes in 1 2 3 5; do
	rm -rf "$W/archive"
	disk "$W/state" "size=100m,nr_inodes=$inodes"
	NAME="$inodes inodes"
	once_more 8s
	[ "$RC" = 0 ] || must "$NAME: it ends with 74 ($RC): $(tail -n 1 "$W/last")" eval '[ "$RC" = 74 ] && grep -q "inodes\|No space left" "$W/last"'
	mount -o remount,nr_inodes=1000 "$W/state"
	sound
	umount "$W/state"
done
