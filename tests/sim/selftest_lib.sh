# shellcheck shell=bash
# What the selftests of the simulator share: a simulator, a token, questions and their answers.

M365SIM=${M365SIM:-./m365sim}
command -v curl >/dev/null && command -v jq >/dev/null || { echo "curl and jq are needed"; exit 77; }
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

dir=$(mktemp -d) || exit 1
tenant=11111111-2222-3333-4444-555555555555
client=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee
publisher="PublisherIdentifier=$tenant"
types="Audit.Exchange Audit.SharePoint Audit.AzureActiveDirectory Audit.General DLP.All"
failed=0
sim=

finish() { [ -n "$sim" ] && kill "$sim" 2>/dev/null; rm -rf "$dir"; }
trap finish EXIT

ok() { echo "ok   $1"; }
fail() { echo "FAIL $1: $2"; failed=1; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got '$2', want '$3'"; fi; }		# is WHAT GOT WANT
has() { case $2 in *"$3"*) ok "$1";; *) fail "$1" "no '$3' in '${2:0:300}'";; esac; }		# has WHAT GOT PART

begin() {							# begin ARGS: starts a simulator, sets base
	[ -n "$sim" ] && { kill "$sim"; wait "$sim" 2>/dev/null; }
	rm -f "$dir/port"
	"$M365SIM" --port 0 --port-file "$dir/port" "$@" >"$dir/out" 2>"$dir/err" &
	sim=$!
	for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.05; done
	base=http://127.0.0.1:$(cat "$dir/port")
	root=$base/api/v1.0/$tenant/activity/feed
}

# Each leaves the status in $status, head and body in files.
ask() { status=$(curl -s -m 10 -D "$dir/head" -o "$dir/body" -w '%{http_code}' "$@"); rc=$?; }
api() { ask -H "Authorization: Bearer $token" "$@"; }
body() { cat "$dir/body"; }
code() { grep -o 'AF[0-9]*' "$dir/body" | head -1; }
next() { sed -n 's/^nextpageuri: *//Ip' "$dir/head" | tr -d '\r'; }
get_token() {
	ask -X POST "$base/$tenant/oauth2/v2.0/token" -d grant_type=client_credentials -d "client_id=${1:-$client}" \
	    --data-urlencode "client_secret=${2:-sim-secret~1}" --data-urlencode "scope=${3:-$base/.default}"
	token=$(jq -r '.access_token // empty' <"$dir/body" 2>/dev/null)
}
fault() { curl -s -o /dev/null -X POST "$base/sim/fault?$1"; }
at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%S; }
window() { echo "contentType=$1&startTime=$(at "${2:-1439 minutes ago}")&endTime=$(at "${3:-now}")&$publisher"; }
report() { curl -s "$base/sim/report?${2:-}" | jq -r "$1"; }
