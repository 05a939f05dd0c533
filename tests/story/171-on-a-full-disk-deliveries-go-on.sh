# The disk of the state directory is filled to the last byte by somebody else, while the cluster is down and the spool holds records:
# they are delivered all the same, polling waits, nothing is lost, and it goes on by itself when there is room. Needs a mount.
mkdir -p "$W/state" && chmod 0700 "$W/state"
if ! mount -t tmpfs -o size=192m,mode=0700 none "$W/state" 2>/dev/null; then
	skip "no tmpfs can be mounted here (not root?)"
fi
trap 'end_story; umount "$W/state" 2>/dev/null' EXIT
sim --records 3000 --fault bulk-503
SPOOL='max: 64MiB, reserve: 64MiB'
conf
run
reserved() { ask status --json >"$W/status.json" && jq -e '.store.spool.reserved == .store.spool.reserve' "$W/status.json" >/dev/null; }
must "the reserve is taken" until_true 60 reserved
spooled() { ask status --json >"$W/status.json" && jq -e '.store.spool.records > 2500' "$W/status.json" >/dev/null; }
must "records wait for the cluster" until_true 60 spooled
dd if=/dev/zero of="$W/state/junk" bs=64K 2>/dev/null
dd if=/dev/zero of="$W/state/junk2" bs=1K 2>/dev/null
must "no byte is free" test "$(stat -f -c %a "$W/state")" = 0

clear_fault all
must "everything is delivered from a full disk" until_true 90 complete
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=300" >/dev/null
must "and what is new goes through, too, within the reserve" until_true 60 eval 'complete && jq -e ".listed.records >= 3300" "$W/report.json" >/dev/null'
stop
must "it stops in order" test "$RC" = 0
run
curl -sf -X POST "$SIM/sim/blob?content=Audit.General&records=300" >/dev/null
must "also after a start on a full disk" until_true 60 eval 'complete && jq -e ".listed.records >= 3600" "$W/report.json" >/dev/null'
must "the tallies agree" until_true 10 tallies
must "no dead letter, no gap" test "$(ask dead list --json | wc -l) $(ask gaps --json | wc -l)" = '0 0'
stop
rm -f "$W/state/junk" "$W/state/junk2"
must "the tallies agree to the last bit" weigh

# Nothing to deliver and no room at all: a start is of no use, and says so.
rm -rf "${W:?}/state/"*
dd if=/dev/zero of="$W/state/junk" bs=64K 2>/dev/null
once 5s
must "exit 74" test "$RC" = 74
must "... and why" grep -q 'disk is full\|No space\|full' "$W/log"
rm -f "$W/state/"*
