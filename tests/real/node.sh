# shellcheck shell=bash
# A real OpenSearch and a real Elasticsearch node from Maven Central's packages. Needs a JDK (17), mvn, curl.
#
#	node_build KIND			once, into the cache; KIND is opensearch or elasticsearch
#	node_start KIND [SETTING: VALUE]...	$NODE is its address; a start after node_end keeps its data
#	node_end KIND [SIGNAL]

OPENSEARCH=2.19.4 OPENSEARCH_LOADER=2.19.6 OPENSEARCH_LOG4J=2.21.0	# the loader is not published for each version
ELASTICSEARCH=8.19.21 ELASTICSEARCH_LOG4J=2.26.1

node_home() { [ "$1" = opensearch ] && echo "$REAL_CACHE/opensearch-$OPENSEARCH" || echo "$REAL_CACHE/elasticsearch-$ELASTICSEARCH"; }

# module NAME CLASS JAR-PATTERN...: these jars become a module with a class loader of its own, as in the distribution
module() {
	local name=$1 class=$2 jar kind version
	kind=$KIND version=$VERSION
	shift 2
	mkdir -p "$new/modules/$name"
	for jar; do
		find "$new/lib" -name "$jar" -exec mv {} "$new/modules/$name/" \;
	done
	cat >"$new/modules/$name/plugin-descriptor.properties" <<-END
	name=$name
	description=$name
	version=$version
	$kind.version=$version
	java.version=11
	classname=$class
	END
}

node_build() {
	local new
	KIND=$1
	new=$(node_home "$KIND").new
	[ ! -d "$(node_home "$KIND")" ] || return 0
	rm -rf "$new"
	mkdir -p "$new/lib"
	if [ "$KIND" = opensearch ]; then
		VERSION=$OPENSEARCH
		maven_jars "${real:?}/jvm/opensearch.xml" "$new/lib" -Dnode=$VERSION -Dloader=$OPENSEARCH_LOADER -Dlog4j=$OPENSEARCH_LOG4J || return 1
		module transport-netty4 org.opensearch.transport.Netty4Plugin 'transport-netty4-client-*.jar' 'netty-*.jar'
		module mapper-extras org.opensearch.index.mapper.MapperExtrasPlugin 'mapper-extras-client-*.jar'
	else
		VERSION=$ELASTICSEARCH
		maven_jars "${real:?}/jvm/elasticsearch.xml" "$new/lib" -Dnode=$VERSION -Dlog4j=$ELASTICSEARCH_LOG4J || return 1
		mkdir -p "$new/front/META-INF/services"
		javac -proc:none -d "$new/front" -cp "$new/lib/*" "${real:?}/jvm/Front.java" || return 1
		echo "Front\$FailureStore" >"$new/front/META-INF/services/org.elasticsearch.features.FeatureSpecification"
		jar cf "$new/lib/front-1.jar" -C "$new/front" .
		module transport-netty4 org.elasticsearch.transport.netty4.Netty4Plugin 'transport-netty4-*.jar' 'netty-*.jar'
		module front Front 'front-*.jar'
	fi
	rm -rf "$new/lib.work" "$new/front"
	mv "$new" "$(node_home "$KIND")"
}

node_start() {
	local kind=$1 home=$W/$1 class=OpenSearchNode line
	shift
	[ "$kind" = opensearch ] || class=ElasticsearchNode
	node_build "$kind" || return 1
	mkdir -p "$home/config" "$home/logs" "$home/plugins"
	ln -sfn "$(node_home "$kind")/modules" "$home/modules"
	[ -s "$home/port" ] || free_port >"$home/port"
	NODE=http://127.0.0.1:$(cat "$home/port")
	{
		echo "cluster.name: real"
		echo "discovery.type: single-node"
		echo "network.host: 127.0.0.1"
		echo "http.port: $(cat "$home/port")"
		echo "transport.port: 0"
		# A disk that is nearly full would make every index read-only.
		echo "cluster.routing.allocation.disk.threshold_enabled: false"
		for line; do echo "$line"; done
	} >"$home/config/$kind.yml"
	printf '%s\n' 'appender.c.type=Console' 'appender.c.name=c' 'appender.c.layout.type=PatternLayout' \
	    'appender.c.layout.pattern=%d %p %c{1.}: %m%n' 'rootLogger.level=warn' 'rootLogger.appenderRef.c.ref=c' \
	    >"$home/config/log4j2.properties"
	service "$kind" java -Xms512m -Xmx512m -XX:TieredStopAtLevel=1 -Dlog4j.shutdownHookEnabled=false \
	    -Djava.io.tmpdir="$home/logs" -cp "$(node_home "$kind")/lib/*" "${real:?}/jvm/$class.java" "$home"
	answers "$kind" 120 "$NODE/_cluster/health?wait_for_status=yellow&timeout=2s"
}

node_end() { end_service "$1" "${2:-TERM}"; }
