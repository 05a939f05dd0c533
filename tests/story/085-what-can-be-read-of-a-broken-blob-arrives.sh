# A blob that always breaks off gives its whole records from the third attempt on; one that does not exist (AF20050) waits
# like any unreadable one, since it may be on its way. Neither is given up, and run --once says what still waits.
sim --records 600 --fault blob-broken:1 --fault blob-missing:2
conf
once 6s
must "run --once ends with 75 while they wait" test "$RC" = 75
must "the broken blob is in the ledger as unread" jq -e '[(.store // .).feeds[].listed] | add == 2' <<<"$(ask status --json)" >/dev/null
run
must "every whole record before the break arrives" until_true 60 complete
must "two blobs still wait" jq -e '[(.store // .).feeds[].listed] | add == 2' <<<"$(ask status --json)" >/dev/null
must "no gap is claimed before they expire" test -z "$(ask gaps --json)"
clear_fault all
arrived() { complete && jq -e '.bulk.lost_expected == 0' "$W/report.json" >/dev/null; }
must "when they can be read the rest arrives, nothing twice" until_true 120 arrived
must "no dead letter" test -z "$(ask dead list --json)"
must "the tallies agree" until_true 10 tallies
stop
