# shellcheck shell=bash
# What the tests against other people's software share: where downloads are kept, ports, starting and ending a service.
#
# Everything listens on loopback. Downloads and builds are kept in $REAL_CACHE; what runs lives under $W. Only processes
# that were started here are ended, each by its own id.

REAL_CACHE=${REAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/m365fwd-real}
real=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() { echo "tests/real: $*" >&2; exit 1; }

free_port() {	# nobody listens there now
	local port
	while port=$((20000 + RANDOM % 10000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
	echo "$port"
}

# service NAME COMMAND...: in the background, with its id in $W/NAME.pid and what it says in $W/NAME.log
service() {
	local name=$1
	shift
	"$@" >>"$W/$name.log" 2>&1 </dev/null &
	echo $! >"$W/$name.pid"
}

runs() { [ -s "$W/$1.pid" ] && kill -0 "$(cat "$W/$1.pid")" 2>/dev/null; }

# end_service NAME [SIGNAL]: and wait until it is gone
end_service() {
	local pid
	[ -s "$W/$1.pid" ] || return 0
	pid=$(cat "$W/$1.pid")
	kill -"${2:-TERM}" "$pid" 2>/dev/null
	for _ in $(seq 400); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	wait "$pid" 2>/dev/null
	rm -f "$W/$1.pid"
}

# answers NAME SECONDS CURL-ARGUMENTS...: until it does, or the service has ended
answers() {
	local name=$1 end=$((SECONDS + $2))
	shift 2
	until curl -fsS -m 3 -o /dev/null "$@" 2>/dev/null; do
		runs "$name" || { tail -n 20 "$W/$name.log" >&2; return 1; }
		[ $SECONDS -lt "$end" ] || { echo "$name does not answer" >&2; return 1; }
		sleep 0.2
	done
}

maven_jars() {	# maven_jars POM TO PROPERTY...: all jars of the runtime into TO
	local pom=$1 to=$2
	shift 2
	# shellcheck disable=SC2086
	mvn -B -q ${REAL_MVN_ARGS:-} -f "$pom" "$@" -Dwork="$to.work" -DoutputDirectory="$to" -DincludeScope=runtime \
	    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies
}
