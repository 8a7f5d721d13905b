package dev.tokenmeter.embedded.kafka;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One real Kafka broker (KRaft, broker and controller in one) inside this process, reachable from this machine only; alone,
 * or a member of a cluster of such.
 *
 * <p>What was acknowledged survives a restart and the death of the process ({@code kill -9}); as with any broker without
 * replicas, a lone one's does not survive the loss of the disk. After such a death the next start takes some seconds longer, until
 * the old broker's session has run out. A fault that Kafka itself calls fatal (a broken disk) halts the whole process,
 * as it would halt a broker of its own.
 *
 * <p>Safe for use by several threads.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);

    private final DataDirectory directory;
    private final KafkaRaftServer server;
    private final int port;
    private boolean closed;

    /**
     * Starts the broker and waits until it serves; takes two to three seconds on a clean directory. Blocking.
     *
     * @param dataDir kept across restarts, made where it is absent; one process at a time
     * @param port where clients connect; 0 for any free port
     * @param controllerPort used by the broker itself only; 0 for any free port, which may differ at each start
     * @param extra broker settings that take precedence over ours; usually empty
     * @throws IllegalStateException if a port is taken, the directory cannot be written or is in use, or the broker
     *     does not start for another reason; its message names the port or directory
     */
    public EmbeddedKafka(Path dataDir, int port, int controllerPort, Map<String, String> extra) {
        this.port = bindable("Kafka port", port);
        ClusterMember member = ClusterMember.alone(controllerPort(controllerPort, this.port));
        this.directory = DataDirectory.prepare(dataDir, member);
        this.server = server(member, extra);
        start();
    }

    /**
     * Starts a broker of a cluster on this machine. Returns once it has joined, which takes a majority of the members.
     *
     * @param port where clients connect; not 0, as the others must find it again after a restart
     * @param member which one of which cluster; the same at every start
     * @throws IllegalStateException as the other constructor
     */
    public EmbeddedKafka(Path dataDir, int port, ClusterMember member, Map<String, String> extra) {
        this.port = bindable("Kafka port", port);
        bindable("Kafka controller port", member.controllerPort());
        this.directory = DataDirectory.prepare(dataDir, member);
        this.server = server(member, extra);
        start();
    }

    private KafkaRaftServer server(ClusterMember member, Map<String, String> extra) {
        try {
            Properties settings = BrokerProperties.of(directory.path(), port, member, extra);
            return new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
        } catch (RuntimeException e) {
            directory.close();
            throw notStarted(e);
        }
    }

    private void start() {
        long begun = System.nanoTime();
        try {
            server.startup();
        } catch (RuntimeException | Error e) {
            close();
            throw notStarted(e);
        }
        LOG.info("Kafka serves on {} after {} ms", bootstrapServers(), (System.nanoTime() - begun) / 1_000_000);
    }

    private IllegalStateException notStarted(Throwable cause) {
        return new IllegalStateException(
                "the Kafka broker on " + directory.path() + " did not start: " + cause.getMessage(), cause);
    }

    /** What to give to a client as {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return BrokerProperties.HOST + ":" + port;
    }

    /** Stops the broker and waits until its files are closed. Blocking; does nothing when called again. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            server.shutdown();
            server.awaitShutdown();
        } finally {
            directory.close();
        }
    }

    private static int controllerPort(int wanted, int brokerPort) {
        int port = bindable("Kafka controller port", wanted);
        while (wanted == 0 && port == brokerPort) {
            port = bindable("Kafka controller port", 0); // each was free by itself
        }
        return port;
    }

    /** Asks before Kafka does: its own complaint comes late, from another thread, and takes the process along. */
    private static int bindable(String what, int wanted) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(BrokerProperties.HOST), wanted));
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(what + " " + wanted + " on " + BrokerProperties.HOST + " is in use", e);
        }
    }
}
