# D14: a certificate of another authority, for another host's key, or expired; a rotation; a client certificate that is asked for
# and has expired. Nothing is sent to whom we do not trust, one clear line, and it goes on after the mending.
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
command -v socat >/dev/null || { echo "    there is no socat"; return; }
for name in ours theirs; do authority $name; done
certificate good ours
certificate next ours
certificate old ours 20210101
certificate foreign theirs
certificate client ours
certificate client-old ours 20210101
sim --records 150
cp "$W/foreign.pem" "$W/front.pem"
tls_front
HEC=https://127.0.0.1:$FRONT BULK=https://127.0.0.1:$FRONT
cp "$W/ours.crt" "$W/trusted.crt"
HEC_MORE=", ca_file: $W/trusted.crt" ACK_MORE=", ca_file: $W/trusted.crt" BULK_MORE=", ca_file: $W/trusted.crt"
all_sinks
nothing_came() { report | jq -e '.bulk.requests == 0 and .hec.requests == 0' >/dev/null; }
run
must "another authority: said" until_true 15 eval "grep -q 'splunk: .*certificate' $W/log"
must "... with its name" grep -q 'splunk: .*theirs' "$W/log"
must "nothing was sent" nothing_came
swap() {	# swap CERTIFICATE [SOCAT OPTIONS]: the front comes back with it on the same port
	front_down
	cp "$W/$1.pem" "$W/front.pem"
	tls_front "${2:-}"
	kill -HUP "$RUN_PID"
}
swap old
must "expired: said" until_true 15 has_why splunk expired
must "still nothing was sent" nothing_came
swap good
must "a good one: everything arrives" until_true 30 sinks_whole
swap next
more 50
must "rotated: nobody needs to be told" until_true 30 sinks_whole
# The authority changes: the file is replaced, SIGHUP.
swap foreign
more 50
sleep 1
cp "$W/theirs.crt" "$W/trusted.crt"
kill -HUP "$RUN_PID"
must "the authority's file is read again" until_true 30 sinks_whole
# A destination that asks for a certificate of ours.
cp "$W/ours.crt" "$W/trusted.crt"
swap good "verify=1,cafile=$W/ours.crt"
more 50
mine() { printf ', ca_file: %s, client_certificate: %s, client_key: %s' "$W/trusted.crt" "$W/$1.crt" "$W/$1.key"; }
HEC_MORE=$(mine client-old) ACK_MORE=$HEC_MORE BULK_MORE=$HEC_MORE
all_sinks
kill -HUP "$RUN_PID"
all_listed() { report | jq -e '.listed.records >= .generated.records - .generated.never_listable' >/dev/null; }
must "there is something to send" until_true 30 all_listed
sleep 2
must "an expired certificate of ours does not get in" eval '! sinks_whole'
must "... and that shows" has_why splunk 127.0.0.1
HEC_MORE=$(mine client) ACK_MORE=$HEC_MORE BULK_MORE=$HEC_MORE
all_sinks
kill -HUP "$RUN_PID"
must "a good one does" until_true 30 sinks_whole
must "nothing was sent twice" test "$(hec_twice)" = 0
must "no dead letter" no_dead
must "no secret and no record was logged" tells_nothing
stop
front_down
