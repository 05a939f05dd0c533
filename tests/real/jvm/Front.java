/*
 * Front - a plugin with what of Elasticsearch's front is not published as a module: GET / that says name and version, so
 * that a client can tell what it talks to; the switch of the failure store; and the one field type that its mapping needs.
 */
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.features.FeatureSpecification;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.index.mapper.TextFieldMapper;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.MapperPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;

public final class Front extends Plugin implements ActionPlugin, MapperPlugin {
	public static final class FailureStore implements FeatureSpecification {
		@Override
		public Set<NodeFeature> getFeatures() {
			return Collections.singleton(DataStream.DATA_STREAM_FAILURE_STORE_FEATURE);
		}
	}

	private static final class Banner extends BaseRestHandler {
		@Override
		public String getName() {
			return "front_banner";
		}

		@Override
		public List<Route> routes() {
			return Collections.singletonList(new Route(RestRequest.Method.GET, "/"));
		}

		@Override
		protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
			String says = String.format("{\"name\":\"real\",\"version\":{\"number\":\"%s\",\"build_flavor\":\"default\"},"
			    + "\"tagline\":\"You Know, for Search\"}", Build.current().version());

			return channel -> channel.sendResponse(new RestResponse(RestStatus.OK, "application/json", says));
		}
	}

	@Override
	public Map<String, Mapper.TypeParser> getMappers() {
		return Collections.singletonMap("match_only_text", TextFieldMapper.PARSER);
	}

	@Override
	public Collection<RestHandler> getRestHandlers(Settings settings, NamedWriteableRegistry writeables, RestController controller,
	    ClusterSettings cluster, IndexScopedSettings index, SettingsFilter filter, IndexNameExpressionResolver names,
	    Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> has) {
		return Collections.singletonList(new Banner());
	}
}
