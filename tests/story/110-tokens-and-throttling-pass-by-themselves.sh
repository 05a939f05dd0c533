# Expired tokens, 401 without a code, AF429 with 403: nobody has to do anything.
sim --records 800 --token-lifetime 20 --fault list-throttle:10 --fault api-401:5
conf
run
sleep 3
fault expire-tokens
must "everything arrives" until_true 150 complete
stop
