# run --once must not call it done while a listed blob has no uri that may be asked: 75, and said; then all arrives.
sim --records 300 --trap-port 0 --fault foreign-content-uri:50
conf
once 6s
must "it ends with 75" test "$RC" = 75
must "it says what is left" grep -Eq 'once-blocked: content blobs=[0-9]+ cannot be read yet' "$W/log"
must "no token leaked" jq -e '.token_leaks == 0' <<<"$(report)" >/dev/null
clear_fault all
once 30s
must "a new start lists them again and ends with 0" test "$RC" = 0
must "everything arrives" complete
