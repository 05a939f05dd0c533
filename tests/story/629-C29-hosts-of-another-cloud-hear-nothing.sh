# Tenants of two of Microsoft's clouds in one process, under the names that the clouds have in the world, and links of each one's servers into
# all the others: refused and counted, no cloud hears of the other's tenant, everything arrives. Without the judge of links it does hear.
# shellcheck source=tests/story/lib_graph.sh disable=SC2154
. "$here/lib_graph.sh"
# shellcheck source=tests/story/lib_sinks.sh disable=SC2154
. "$here/lib_sinks.sh"
# shellcheck source=tests/story/lib_lies.sh disable=SC2154
. "$here/lib_lies.sh"
command -v socat >/dev/null || skip "there is no socat"
GLOBAL="login.microsoftonline.com manage.office.com graph.microsoft.com"
HIGH="login.microsoftonline.us manage.office365.us graph.microsoft.us"
REST="manage-gcc.office.com manage.protection.apps.mil dod-graph.microsoft.us login.partner.microsoftonline.cn manage.office365.cn
microsoftgraph.chinacloudapi.cn"
OTHER=99999999-2222-4333-8444-555555555555
named() { printf 'DNS:%s\n' "$@" | paste -sd,; }
authority ours
# shellcheck disable=SC2086
{ certificate global ours 20991231 "$(named $GLOBAL)"; certificate others ours 20991231 "$(named $HIGH $REST)"; }

cloud() {	# cloud CERTIFICATE HOSTS-OF-OTHERS FLAGS...: its servers, whose links lead to the others until all were shown
	local where host
	sim --now 2026-11-23T08:00:00 --clock-rate 120 --subscribed --days 0.5 --records 300 --blob-size 3 --page-size 10 --graph-rows 600 \
	    --graph-page 10 --graph-late 0 --graph-change 0 --tls-port 0 --tls-cert "$W/$1.crt" --tls-key "$W/$1.key" "${@:3}"
	TLS=$(curl -sf "$SIM/sim/ready" | jq .tls_port)
	for where in content next graph; do
		for host in $2; do echo "https://$host{FEED}audit/hostile"; done |
		    curl -sf -X POST --data-binary @- "$SIM/sim/links?in=$where" >/dev/null || fail "links in $where"
	done
}
# The global cloud is 192.0.2.1, all others are 192.0.2.2; both are loopback behind the names, where 443 is another port.
world() {
	cloud others "$GLOBAL $REST" --tenant $OTHER --seed 2
	OTHER_SIM=$SIM OTHER_PID=$SIM_PID OTHER_TLS=$TLS
	cloud global "$HIGH $REST"
	simulated_time
	socat "TCP-LISTEN:$TLS,bind=127.0.0.2,reuseaddr,fork" "TCP:127.0.0.1:$OTHER_TLS" 2>>"$W/front.log" & FRONT_PID=$!
	export M365FWD_TEST_HTTPS=$TLS M365FWD_TEST_NAMES=$W/names
	{ printf '%s 192.0.2.1\n' $GLOBAL; echo '* 192.0.2.2'; } >"$W/names"
	INTERVAL=60s FEEDS="audit.exchange, audit.sharepoint, signin.interactive, directory.audit" conf "graph: {interval: 60s, idle_interval: 60s}"
	sed -i "s#cloud: custom#cloud: global#; s#endpoints: .*#ca_file: $W/ours.crt#" "$W/c.yaml"
	awk -v id="$OTHER" '/^outputs:/ { printf "%s", twin }
	    /- name:/, /start:/ { line = $0; sub(/contoso/, "fabrikam", line); sub(/ id: .*/, " id: " id, line); sub(/global/, "gcc-high", line)
	    twin = twin line "\n" } 1' "$W/c.yaml" >"$W/both.yaml"
	mv "$W/both.yaml" "$W/c.yaml"
}
trap 'kill $OTHER_PID; front_down; end_story' EXIT
links() { curl -sf "$1/sim/links"; }
all_of() { jq -n --argjson a "$(links "$SIM")" --argjson b "$(links "$OTHER_SIM")" "[\$a, \$b] | $1"; }
all_shown() { [ "$(all_of 'all([.content, .next, .graph][] | .used == .all and .all > 8)')" = true ]; }
counted() { [ "$(counter "security_rejections_total{$1}")" = "$(all_of "[.[].$2.all] | add")" ]; }
# Neither oracle knows the other's records: of its own none is missing, and none is there twice.
whole() {
	report >"$W/report.json"
	curl -sf "$OTHER_SIM/sim/report?files=$W/archive" >"$W/other.json"
	jq -es 'all(.[] | .files, .graph.files; .missing == 0 and .twice == 0 and .due > 0) and
	    (.[0] | .bulk.missing == 0 and .bulk.created_twice == 0 and .graph.bulk.missing == 0 and .graph.bulk.twice == 0)' \
	    "$W/report.json" "$W/other.json" >/dev/null
}

world
run
must "every link was shown" until_true 30 all_shown
must "each contentUri is refused and counted" until_true 10 counted content-uri content
must "each NextPageUri, too" until_true 10 counted next-page next
must "each nextLink, too" until_true 10 counted next-link graph
must "then everything arrives" until_true 30 whole
must "no cloud was asked for what the other's servers said" test "$(all_of '[.[].hostile_asked] | add')" = 0
must "the refusal is said with both hosts" grep -q 'contoso.*graph\.microsoft\.us.*graph\.microsoft\.com' "$W/log"
stop
must "SIGTERM ends it with 0" test "$RC" = 0
must "no gap" no_gaps
must "no dead letter" no_dead
must "no secret was logged" tells_nothing
printf '    %s links into other clouds refused\n' "$(all_of '[.[] | .content, .next, .graph | .all] | add')"
sed -i "s#^    ca_file.*#&\n    endpoints: {management: https://manage.office.com}#" "$W/c.yaml"
must "a cloud with another's addresses is refused" test "$("$M365FWD" check -c "$W/c.yaml" 2>&1 | grep -c 'endpoints.*only for cloud: custom')" = 2
end_story
kill "$OTHER_PID"
front_down

without_judge
heard() { [ "$(links "$1" | jq .hostile_asked)" -gt 0 ]; }
must "without the judge the other cloud hears of this tenant" until_true 30 heard "$OTHER_SIM"
must "and the other way round" until_true 30 heard "$SIM"
judge_is_back
