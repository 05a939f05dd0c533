/*
 * OpenSearchNode HOME - one node in this JVM, from HOME/config, HOME/data and HOME/modules; SIGTERM closes it.
 *
 * The server's own main is not used: it wants a security policy that only the full distribution brings.
 */
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;

public final class OpenSearchNode {
	public static void main(String[] args) throws Exception {
		Path home = Paths.get(args[0]).toAbsolutePath();
		Environment env = InternalSettingsPreparer.prepareEnvironment(Settings.EMPTY,
		    Collections.singletonMap("path.home", home.toString()), home.resolve("config"), () -> "real");
		CountDownLatch end = new CountDownLatch(1);

		LogConfigurator.setNodeName("real");
		LogConfigurator.configure(env);
		Node node = new Node(env);
		Runtime.getRuntime().addShutdownHook(new Thread(() -> {
			try {
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
