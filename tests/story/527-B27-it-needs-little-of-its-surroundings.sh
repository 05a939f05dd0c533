# B27: without environment (no HOME, TZ, locale, PATH), in a working directory that was deleted, with a /tmp that is not there, with
# standard descriptors closed: it starts, delivers, answers, stops; and nobody's environment decides what TLS trusts.
sim --records 300
conf
P=$(realpath "$M365FWD")
bare() {	# bare COMMAND...: nothing in the environment, and the working directory is gone
	(mkdir -p "$W/gone" && cd "$W/gone" && rmdir "$W/gone" && exec env -i "$@")
}
bare "$P" run --once --timeout 60s -c "$W/c.yaml" >>"$W/log" 2>&1
must "run --once ends with 0 without surroundings" test $? = 0
must "everything arrives" complete
must "its commands need none either" eval "bare '$P' status --json -c '$W/c.yaml' | jq -e .store >/dev/null"
must "... nor does check" bare "$P" check -c "$W/c.yaml" >/dev/null 2>&1

# What an environment may say does nothing.
curl -sf -o /dev/null -X POST "$SIM/sim/blob?records=50&content=Audit.Exchange"
env -i HOME=/nowhere TZ=Mars/Olympus LC_ALL=tlh_KL LANG=xx TMPDIR=/nowhere SQLITE_TMPDIR=/nowhere SSLKEYLOGFILE="$W/keys" MALLOC_PERTURB_=165 \
    https_proxy=http://127.0.0.1:1 "$P" run --once --timeout 60s -c "$W/c.yaml" >>"$W/log" 2>&1
must "run --once ends with 0 in odd ones" test $? = 0
must "everything arrives" complete
must "times are UTC whatever TZ says" eval "tail -n 1 '$W/log' | grep -q \"^$(date -u +%F)T\""

# Without standard descriptors a file of ours must not become descriptor 2 and take the log.
curl -sf -o /dev/null -X POST "$SIM/sim/blob?records=50&content=Audit.Exchange"
"$P" run -c "$W/c.yaml" <&- >&- 2>&- &
RUN_PID=$!
must "everything arrives without descriptors" until_true 30 complete
must "0, 1 and 2 are nobody's" test "$(readlink "/proc/$RUN_PID/fd/"{0,1,2} | sort -u)" = /dev/null
stop
must "it ends with 0" test "$RC" = 0

# /tmp is not there: a file system of our own for this process, where it is empty and takes nothing.
no_tmp() { unshare -m sh -c 'mkdir -p /mnt && mount --bind "$0" /mnt && mount -t tmpfs -o ro none /var/tmp && mount -t tmpfs -o ro none /tmp && exec "$@"' "$W" "$@"; }
if no_tmp true 2>/dev/null; then
	curl -sf -o /dev/null -X POST "$SIM/sim/blob?records=50&content=Audit.Exchange"
	cp "$P" "$W/m365fwd"
	sed "s#$W/#/mnt/#g" "$W/c.yaml" >"$W/moved.yaml"
	no_tmp env -i /mnt/m365fwd run --once --timeout 60s -c /mnt/moved.yaml >>"$W/log" 2>&1
	must "run --once ends with 0 without /tmp" test $? = 0
	must "everything arrives" complete
else
	echo "    (no file system of its own here: /tmp stays)"
fi
must "the tallies agree" tallies
