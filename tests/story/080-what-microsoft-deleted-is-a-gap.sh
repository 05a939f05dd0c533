# AF20051: lost at once, with a gap record; the rest arrives, and run --once ends with 0.
sim --records 600 --fault blob-expired:2 --fault blob-expired:9
conf
once
must "it ends with 0" test "$RC" = 0
ask gaps --json >"$W/gaps.json"
must "two gap records name the blobs" jq -se 'map(select(.reason == "blob-expired")) | length == 2 and all(.detail | test("blob "))' "$W/gaps.json" >/dev/null
must "each names its feed and its moment" jq -se 'all((.tenant == "contoso") and (.feed | startswith("audit.")) and (.from | length == 24))' "$W/gaps.json" >/dev/null
must "everything that can be read arrives" complete
must "the tallies agree" tallies
