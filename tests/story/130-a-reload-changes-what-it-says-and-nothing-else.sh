# SIGHUP: outputs and feeds come, change and go while records flow; what is refused leaves everything as it was.
sim --records 600 --rate 200 --live-seconds 12
conf
sed -i 's/audit.entra, audit.general, audit.dlp\]$/audit.entra]/' "$W/c.yaml"		# the tenant's feeds: three of five
run
started() { ask status --json >"$W/status.json" && jq -e '.outputs | length == 2' "$W/status.json" >/dev/null; }
must "it runs" until_true 20 started
PID=$RUN_PID

reload() {	# reload WORD: SIGHUP, and the log says WORD once more
	local n
	n=$(grep -c -- "$1" "$W/log")
	kill -HUP "$RUN_PID"
	until_true 20 eval "[ \$(grep -c -- '$1' $W/log) -gt $n ]"
}
outputs() { ask status --json | jq -r '[.outputs[].name] | sort | join(" ")'; }
feeds() { ask status --json | jq '.sources | length'; }

# a broken file, a state directory that moves, a path that cannot be used: refused, and nothing changes
cp "$W/c.yaml" "$W/sound.yaml"
echo 'nonsense: 1' >>"$W/c.yaml"
must "a broken file is refused" reload reload-refused
must "... with its line" grep -q 'reload-refused.*c.yaml:.*nonsense' "$W/log"
sed -e "s#^state_dir: .*#state_dir: $W/elsewhere#" -e '/name: archive/d' "$W/sound.yaml" >"$W/c.yaml"
must "another state directory is refused" reload reload-refused
sed -e "s#listen: \"off\"#listen: \"127.0.0.1:${SIM##*:}\"#" -e '/name: archive/d' "$W/sound.yaml" >"$W/c.yaml"
must "a port that is taken is refused when the outputs have changed already" reload reload-refused
cp "$W/sound.yaml" "$W/c.yaml"		# the control client reads it too
must "nothing of either was taken" eval "! grep -q ' reloaded' $W/log"
must "both outputs are there still" test "$(outputs)" = "archive elastic"
must "three feeds are there still" test "$(feeds)" = 3

# nothing changed, then two more feeds, one more output, a changed one
must "the same file is taken" reload ' reloaded'
conf
sed -i 's/schema: raw, batch: {linger: 500ms}/schema: raw, batch: {linger: 700ms}/' "$W/c.yaml"
echo "  - {name: second, type: file, path: $W/second, schema: ecs, start_at: oldest, batch: {linger: 300ms}}" >>"$W/c.yaml"
must "a changed file is taken" reload ' reloaded'
must "five feeds" test "$(feeds)" = 5
must "three outputs" test "$(outputs)" = "archive elastic second"

# back and forth, under load, faster than it can follow
for i in 1 2 3 4 5 6 7 8; do
	sed "s/linger: [2-9]00ms/linger: $((i % 2 + 2))00ms/" "$W/c.yaml" >"$W/next.yaml"
	mv "$W/next.yaml" "$W/c.yaml"
	kill -HUP "$RUN_PID"
	sleep 0.2
	kill -HUP "$RUN_PID"
done
must "it goes on" reload ' reloaded'

# the command says how it went
must "m365fwd reload waits for the outcome" ask reload
cp "$W/c.yaml" "$W/sound.yaml"
echo 'nonsense: 1' >>"$W/c.yaml"
RC=0
"$M365FWD" reload -c "$W/c.yaml" 2>"$W/said" || RC=$?
must "... and fails with the reason" eval "[ $RC = 78 ] && grep -q nonsense $W/said"
cp "$W/sound.yaml" "$W/c.yaml"

# one leaves
grep -v 'name: second' "$W/c.yaml" >"$W/less.yaml"
cp "$W/less.yaml" "$W/c.yaml"
must "an output may leave" reload ' reloaded'
must "it left" test "$(outputs)" = "archive elastic"
sleep 12	# until no record is made any more, and all are listed
must "everything arrives in what stays" until_true 60 eval 'complete && tallies'
must "the process is the same" kill -0 "$PID"
stop
must "it ended with 0" test "$RC" = 0
must "the second output got some" test -n "$(find "$W/second" -name '*.gz' -size +0)"
must "tallies agree" tallies
