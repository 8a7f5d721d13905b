package dev.tokenmeter.embedded.kafka;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;

/** The settings of a KRaft broker that shares its machine, and often its heap, with everything else of Tokenmeter. */
final class BrokerProperties {
    static final String CONTROLLER_LISTENER = "CONTROLLER";
    static final String HOST = "127.0.0.1";

    private BrokerProperties() {}

    static Properties of(Path dataDir, int port, ClusterMember member, Map<String, String> extra) {
        Properties settings = new Properties();
        roles(settings, port, member);
        settings.setProperty("log.dirs", dataDir.toString());
        // Topics carry settings that their meaning depends on (compaction, retention): a typing error must not make
        // one.
        settings.setProperty("auto.create.topics.enable", "false");
        replicas(settings, member);
        smallFootprint(settings);
        timing(settings);
        extra.forEach(settings::setProperty);
        return settings;
    }

    private static void roles(Properties settings, int port, ClusterMember member) {
        settings.setProperty("process.roles", "broker,controller");
        settings.setProperty("node.id", Integer.toString(member.nodeId()));
        settings.setProperty(
                "listeners",
                "PLAINTEXT://%s:%d,%s://%s:%d"
                        .formatted(HOST, port, CONTROLLER_LISTENER, HOST, member.controllerPort()));
        settings.setProperty("advertised.listeners", "PLAINTEXT://%s:%d".formatted(HOST, port));
        settings.setProperty(
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
        settings.setProperty("controller.listener.names", CONTROLLER_LISTENER);
        // Static voters are not written to disk, so a controller may have another port at each start.
        settings.setProperty("controller.quorum.voters", member.voters(HOST));
    }

    private static void replicas(Properties settings, ClusterMember member) {
        String replicas = Integer.toString(member.replicas());
        String inSync = Integer.toString(member.minInSyncReplicas());
        settings.setProperty("default.replication.factor", replicas);
        settings.setProperty("min.insync.replicas", inSync);
        settings.setProperty("offsets.topic.replication.factor", replicas);
        settings.setProperty("transaction.state.log.replication.factor", replicas);
        settings.setProperty("transaction.state.log.min.isr", inSync);
        settings.setProperty("share.coordinator.state.topic.replication.factor", replicas);
        settings.setProperty("share.coordinator.state.topic.min.isr", inSync);
    }

    private static void smallFootprint(Properties settings) {
        settings.setProperty("offsets.topic.num.partitions", "2");
        settings.setProperty("transaction.state.log.num.partitions", "2");
        settings.setProperty("share.coordinator.state.topic.num.partitions", "1");
        // 128 MiB of heap by default; 4 MiB still dedupes some 150,000 keys in a pass.
        settings.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        settings.setProperty("log.cleaner.threads", "1");
        settings.setProperty("num.network.threads", "1");
        settings.setProperty("num.io.threads", "2");
        settings.setProperty("background.threads", "2");
    }

    private static void timing(Properties settings) {
        settings.setProperty("group.initial.rebalance.delay.ms", "0");
        // After kill -9 the next start waits until the old broker's session has run out.
        settings.setProperty("broker.session.timeout.ms", "3000");
        settings.setProperty("broker.heartbeat.interval.ms", "500");
        // As long as the usage log itself is kept: a machine switched off for a month resumes where it stopped.
        settings.setProperty(
                "offsets.retention.minutes", Long.toString(Duration.ofDays(90).toMinutes()));
    }
}
