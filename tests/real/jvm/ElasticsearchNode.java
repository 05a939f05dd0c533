/*
 * ElasticsearchNode HOME - one node in this JVM, from HOME/config, HOME/data and HOME/modules; SIGTERM closes it.
 */
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

public final class ElasticsearchNode {
	public static void main(String[] args) throws Exception {
		Path home = Paths.get(args[0]).toAbsolutePath();
		CountDownLatch end = new CountDownLatch(1);

		LogConfigurator.configureESLogging();
		Environment env = InternalSettingsPreparer.prepareEnvironment(Settings.EMPTY,
		    Collections.singletonMap("path.home", home.toString()), home.resolve("config"), () -> "real");
		LogConfigurator.setNodeName("real");
		LogConfigurator.configure(env, true);
		PluginsLoader plugins = PluginsLoader.createPluginsLoader(
		    PluginsLoader.loadModulesBundles(home.resolve("modules")),
		    PluginsLoader.loadPluginsBundles(home.resolve("plugins")), Collections.emptyMap(), false);
		Node node = new Node(env, plugins);
		Runtime.getRuntime().addShutdownHook(new Thread(() -> {
			try {
				node.prepareForClose();
				node.close();
				node.awaitClose(15, TimeUnit.SECONDS);
			} catch (Exception e) {
				e.printStackTrace();
			}
			end.countDown();
		}));
		node.start();
		end.await();
	}
}
