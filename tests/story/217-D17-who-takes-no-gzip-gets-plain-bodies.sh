# D17: 415 for gzip: plain bodies from then on, said once.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
sim --records 300 --fault bulk-415 --fault hec-415
all_sinks
run
must "everything arrives" until_true 20 sinks_whole
must "415 was met" eval 'was_hit bulk-415 && was_hit hec-415'
must "few requests were refused" eval '[ "$(fault_hits hec-415)" -le 4 ] && [ "$(fault_hits bulk-415)" -le 4 ]'
must "it is said, once an output" eval "[ \$(grep -c 'output-plain' $W/log) -eq 3 ]"
must "nothing was sent twice" test "$(hec_twice)" = 0
must "no dead letter" no_dead
stop
