package dev.tokenmeter.alerting;

import dev.tokenmeter.alerting.deliver.Deliveries;
import dev.tokenmeter.alerting.rule.LagProbe;
import dev.tokenmeter.alerting.rule.RuleBook;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.topics.CompactedFollower;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What is silenced and the rules, the topology, which makes the topics, and then the deliveries. */
final class AlertingService implements Service {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final List<CompactedFollower<?>> followers;
    private final RuleBook rules;
    private final LagProbe lag;
    private final Service topology;
    private final Deliveries deliveries;

    AlertingService(
            List<CompactedFollower<?>> followers,
            RuleBook rules,
            LagProbe lag,
            Service topology,
            Deliveries deliveries) {
        this.followers = List.copyOf(followers);
        this.rules = rules;
        this.lag = lag;
        this.topology = topology;
        this.deliveries = deliveries;
    }

    @Override
    public String name() {
        return topology.name();
    }

    @Override
    public void start() throws Exception {
        followers.forEach(CompactedFollower::start);
        awaitRules();
        lag.start();
        topology.start();
        deliveries.start();
    }

    @Override
    public void close() {
        deliveries.close();
        topology.close();
        lag.close();
        followers.forEach(CompactedFollower::close);
    }

    /** What comes before the rules are known is judged by none; so the topology waits for them, but not for ever. */
    private void awaitRules() throws InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!rules.isCaughtUp() && System.nanoTime() < until) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
