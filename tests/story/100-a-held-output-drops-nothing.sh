# 401 from Elasticsearch: hold; SIGHUP after it is mended releases at once.
sim --records 800 --fault bulk-401
conf
run
held() { jq -e '.outputs[] | select(.name == "elastic") | .state == "hold"' <<<"$(ask status --json)" >/dev/null; }
must "the output holds" until_true 20 held
clear_fault all
kill -HUP "$RUN_PID"
must "everything arrives after SIGHUP" until_true 25 complete
must "no dead letter" test -z "$(ask dead list --json)"
must "the tallies agree" until_true 10 tallies
stop
