# The store's file is gone, a link, of another program, of a newer version, of somebody else: refused with 78 and what to do, and left
# as it is. One that is removed under the running program ends it with 74.
. "$(dirname "${BASH_SOURCE[0]}")/lib_disk.sh"
sim --records 300
conf
once_more
must "it runs" eval '[ "$RC" = 0 ] && complete'
truncate -s 0 "$W/state/state.db-wal"		# all of it is in the file, which is read where the WAL is empty
cp -r "$W/state" "$W/sound"
other() {	# other NAME: the sound store, for now
	rm -rf "$W/state"
	cp -r "$W/sound" "$W/state"
	NAME=$1
}
refused() {	# refused TEXT [CODE]
	local before
	before=$(cat "$W"/state/state.db* 2>/dev/null | sha256sum)
	once_more
	ends "${2:-78}" "$1"
	must "$NAME: nothing is touched" test "$(cat "$W"/state/state.db* 2>/dev/null | sha256sum)" = "$before"
}
other "gone, without its WAL"
head -c 100000 "$W/state/state.db" >"$W/state/state.db-wal"
rm "$W/state/state.db"
refused 'put it back'
other "a link"
mv "$W/state/state.db" "$W/elsewhere.db"
ln -s "$W/elsewhere.db" "$W/state/state.db"
refused 'is a link'
other "another program's"
printf 'CATS' | dd of="$W/state/state.db" bs=1 seek=68 conv=notrunc status=none
refused 'another program; name another state_dir'
other "a newer version's"
printf '\0\0\0\143' | dd of="$W/state/state.db" bs=1 seek=60 conv=notrunc status=none
refused 'newer m365fwd (schema 99.*install that version again'
if [ "$(id -u)" = 0 ]; then
	other "somebody else's"
	chown 65534 "$W/state"
	refused 'chown it'
	chown 0 "$W/state"
fi
other "sound"
sound

run
until_true 20 test -S "$W/state/ctl.sock"
cp "$W/log" "$W/before"
rm -rf "$W/state"
gone() { ! kill -0 "$RUN_PID" 2>/dev/null; }
must "the running program notices" until_true 90 gone
stop
diff "$W/before" "$W/log" | sed 's/^> //' >"$W/last"
NAME="removed under it"
ends 74 'removed or replaced while it was in use'
rm -rf "$W/archive"
NAME="begun anew, and reaching back"
sound
