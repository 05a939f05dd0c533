# shellcheck shell=bash
# VictoriaLogs, a log store that other people wrote, with Splunk's HEC endpoint and a second Bulk dialect, and vmauth in
# front of it for TLS, the token check and 429. From Go modules; needs go, curl, openssl.
#
#	victoria_build		once, into the cache
#	store_start		the store; a start after store_end keeps its data. $STORE is its address
#	front_start [REQUESTS AT ONCE [SECONDS TO QUEUE]]	$FRONT_URL is its address, $W/front.crt its authority
#	store_end, front_end	SIGTERM. After SIGKILL the store has lost what it answered in the last seconds
#	store_events		every stored event, one JSON object a line; it never drops a repeat

VICTORIA_LOGS=v1.52.1
VMAUTH=v1.146.1-0.20260630165203-c82127b6d4d1		# of the tree that this VictoriaLogs is built with
REAL_TOKEN=11111111-1111-1111-1111-111111111111

victoria_build() {
	local bin=$REAL_CACHE/victoria-$VICTORIA_LOGS new=$REAL_CACHE/victoria.new
	[ ! -d "$bin" ] || return 0
	rm -rf "$new"
	mkdir -p "$new"
	CGO_ENABLED=0 GOBIN=$new go install "github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs@$VICTORIA_LOGS" &&
	    CGO_ENABLED=0 GOBIN=$new go install "github.com/VictoriaMetrics/VictoriaMetrics/app/vmauth@$VMAUTH" &&
	    mv "$new" "$bin"
}

store_start() {
	victoria_build || return 1
	[ -s "$W/store.port" ] || free_port >"$W/store.port"
	STORE=http://127.0.0.1:$(cat "$W/store.port")
	# By default it drops what is older than seven days and says 200, and takes an event apart into one column a leaf.
	service store "$REAL_CACHE/victoria-$VICTORIA_LOGS/victoria-logs" -storageDataPath="$W/store" -httpListenAddr="${STORE#http://}" \
	    -retentionPeriod=100y -futureRetention=100y -inmemoryDataFlushInterval=1s -splunk.preserveJSONKeys=event,fields \
	    -loggerLevel=WARN
	answers store 30 "$STORE/services/collector/health"
}
store_end() { end_service store TERM; }

front_start() {
	[ -s "$W/front.port" ] || free_port >"$W/front.port"
	FRONT_URL=https://127.0.0.1:$(cat "$W/front.port")
	[ -s "$W/front.crt" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$W/front.key" \
	    -out "$W/front.crt" -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
	cat >"$W/front.yml" <<-END
	users:
	  - auth_token: "Splunk $REAL_TOKEN"
	    url_prefix: "$STORE"
	    max_concurrent_requests: ${1:-100}
	  - username: writer
	    password: real-password
	    url_prefix: "$STORE"
	    max_concurrent_requests: ${1:-100}
	END
	# Without a buffer a slow upload holds its place. It must never send a request twice by itself: every duplicate is to be the sender's.
	service front "$REAL_CACHE/victoria-$VICTORIA_LOGS/vmauth" -auth.config="$W/front.yml" -httpListenAddr="${FRONT_URL#https://}" \
	    -requestBufferSize=0 -tls -tlsCertFile="$W/front.crt" -tlsKeyFile="$W/front.key" -maxRequestBodySizeToRetry=0 -failTimeout=200ms \
	    -maxQueueDuration="${2:-10s}" -logInvalidAuthTokens -loggerLevel=WARN
	answers front 30 --cacert "$W/front.crt" -H "Authorization: Splunk $REAL_TOKEN" "$FRONT_URL/services/collector/health"
}
front_end() { end_service front TERM; }

store_query() { curl -fsS "$STORE/internal/force_flush" && curl -fsS "$STORE/select/logsql/query" --data-urlencode "query=$1"; }
store_events() { store_query '*'; }
