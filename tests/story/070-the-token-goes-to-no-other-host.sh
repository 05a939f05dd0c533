# Foreign contentUri and NextPageUri, redirects: refused; when the service is sound again everything arrives.
sim --records 600 --page-size 20 --trap-port 0 --fault foreign-content-uri:40 --fault foreign-nextpage:40 --fault redirect:20
conf
run
sleep 12
must "no token leaked" jq -e '.token_leaks == 0' <<<"$(report)" >/dev/null
must "refusals are counted" jq -e '[.counters | to_entries[] | select(.key | test("security_rejections")) | .value] | add > 0' <<<"$(ask status --json)" >/dev/null
clear_fault all
must "then everything arrives" until_true 90 complete
must "no token leaked afterwards" jq -e '.token_leaks == 0' <<<"$(report)" >/dev/null
must "the tallies agree" until_true 10 tallies
stop
