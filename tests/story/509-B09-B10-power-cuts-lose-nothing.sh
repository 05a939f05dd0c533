# The power goes again and again, at any write, flush, new name or cut of the disk that holds the store and the archive: what was
# not flushed is gone, torn or out of order. In the end both outputs hold everything, and every line of the archive is there once.
# Then the same on a disk that says yes to a flush and does nothing: no store can hold its promise there. It goes on from what is
# left, or is refused with what to do; when that is done everything is fetched again, and the cluster still misses nothing.
# POWER_CUTS=100 does more of the same.
POWER=$(dirname "$M365FWD")/tests/kit/m365fwd-power
[ -x "$POWER" ] || skip "needs the source tree (tests/kit/m365fwd-power)"
sim --records 4000
conf
sed -i "s#$W/state#$W/disk/state#; s#$W/archive#$W/disk/archive#" "$W/c.yaml"
mkdir -m 0700 "$W/disk"
life() {	# life CHANGES SEED: one life of the forwarder; $RC
	RC=0
	M365FWD_POWER=$1:$2:$W/disk timeout 60 "$POWER" run --once --timeout 50s -c "$W/c.yaml" >>"$W/log" 2>&1 || RC=$?
}
more() { curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=300" >/dev/null; }
report() { curl -sf "$SIM/sim/report?files=$W/disk/archive"; }
cuts=0 changes=40
for seed in $(seq "${POWER_CUTS:-14}"); do
	life "$changes" "$seed"
	case $RC in
	99) cuts=$((cuts + 1)) ;;
	0) more ;;
	*) fail "life $seed ended with $RC: $(tail -n 2 "$W/log")" ;;
	esac
	changes=$((20 + seed * 7919 % 601))
done
must "the power was cut ($cuts)" test "$cuts" -ge 8
life 0 0
must "it catches up ($RC)" test "$RC" = 0
must "both outputs hold everything, the archive every line once" complete
cp -r "$W/disk/state" "$W/state"
must "no gap, no dead letter" test "$(sed "s#$W/disk/state#$W/state#" "$W/c.yaml" >"$W/d.yaml"; for what in gaps 'dead list'; do
	"$M365FWD" $what --json -c "$W/d.yaml"; done | wc -l)" = 0

export M365FWD_POWER_LIES=1
refused=0
lied() {	# damage that was met in use is looked for by the next start; what that finds is refused, with what to do
	local said
	said=$(tail -n 1 "$W/log")
	case $said in
	*"$W/disk/state/state.db: "*"move the file away"*)
		rm -f "$W/disk/state/state.db"*
		refused=$((refused + 1))
		;;
	*"store-broken: $W/disk/state/state.db: "*) ;;
	*) fail "a refusal names the file and says what to do: $said" ;;
	esac
}
for seed in $(seq 10); do
	more
	life $((15 + seed * 5)) "$seed"
	case $RC in
	0 | 99) ;;
	74) lied ;;
	*) fail "life $seed on a disk that lies ended with $RC: $(tail -n 2 "$W/log")" ;;
	esac
done
unset M365FWD_POWER_LIES
for _ in 1 2 3; do
	life 0 0
	[ "$RC" = 74 ] || break
	lied
done
must "it goes on ($refused refused)" test "$RC" = 0
report >"$W/report.json"
must "the cluster misses nothing" jq -e '.bulk.missing == 0 and .bulk.created_twice == 0 and .bulk.unexpected == 0' "$W/report.json"
