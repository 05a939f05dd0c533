# Records of just under limits.record in every nasty shape (tests/kit/nasty.pl), one after another: each is delivered or a dead letter with
# its Id, the ordinary ones beside them arrive, memory is bounded, and processor time grows as the size does.
#
# A single one takes 52 MiB, and 92 while the next one is fetched beside it. Over a million members at the very top, of the record or of
# JSON in one of its strings, cost two nodes of the index each: 120 MiB for one, 190 for one that is sent while the next is read (the
# unit's MemoryMax is 256 MiB). SHAPES="a b ..." for others than these.
# shellcheck disable=SC2154
settled() {
	ask status --json >"$W/status.json" && jq -e ".store | (.feeds | all(.listed == 0) and any(.records > 0)) and .spool.records == 0" \
	    "$W/status.json" >/dev/null
}
whole() { report >"$W/report.json" && jq -e '.bulk.missing == 0 and .bulk.created_twice == 0 and .files.missing == 0 and
    .files.twice == 0 and .files.torn == 0 and .listed.records >= 50' "$W/report.json" >/dev/null; }
nasty() {	# nasty MIB SHAPE...: a life of its own; $TICKS and $PEAK (KiB)
	perl "$here/../kit/nasty.pl" $(($1 * 1024 * 1024 - 100)) "${@:2}" >"$W/nasty"
	rm -rf "$W/state" "$W/archive"
	sim --records 50 --subscribed --events "$W/nasty"
	SPOOL='max: 1GiB, reserve: 8MiB'
	conf
	run
	must "$1 MiB: all is read and delivered" until_true 120 settled
	TICKS=$(awk '{ print $14 + $15 }' "/proc/$RUN_PID/stat")
	PEAK=$(awk '/VmHWM/ { print $2 }' "/proc/$RUN_PID/status")
	must "$1 MiB: everything arrives" until_true 60 whole
	ask dead list --json >"$W/dead.json"
	stop
	must "it ends with 0" test "$RC" = 0
	kill "$SIM_PID"
	wait "$SIM_PID" 2>/dev/null
}
shapes=${SHAPES:-string escapes lone members repeated key ones number nested parameters deep}
# shellcheck disable=SC2086
{ nasty 4 $shapes; small=$TICKS; nasty 16 $shapes; }
must "what is too deep is a dead letter with its Id" jq -se 'length == 1 and (.[0] | .record_id | startswith("bbbbbbbb-0000-4000-8000-"))' "$W/dead.json" >/dev/null
must "four times the size takes no more than eight times the time: $small and $TICKS ticks" test "$TICKS" -lt $((8 * small))
must "peak memory is under 128 MiB ($PEAK KiB)" test "$PEAK" -lt 131072
printf '    %s shapes: 4 MiB %s ticks, 16 MiB %s ticks, peak %s KiB\n' "$(wc -w <<<"$shapes")" "$small" "$TICKS" "$PEAK"
nasty 4 top; small=$TICKS; nasty 16 top
must "the one at the top as well: $small and $TICKS ticks" test "$TICKS" -lt $((8 * small))
must "and peak under 128 MiB ($PEAK KiB)" test "$PEAK" -lt 131072
printf '    top: 4 MiB %s ticks, 16 MiB %s ticks, peak %s KiB\n' "$small" "$TICKS" "$PEAK"
