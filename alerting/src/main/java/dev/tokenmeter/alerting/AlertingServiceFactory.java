package dev.tokenmeter.alerting;

import dev.tokenmeter.alerting.deliver.Deliveries;
import dev.tokenmeter.alerting.notify.NotifierStage;
import dev.tokenmeter.alerting.notify.NotifySerdes;
import dev.tokenmeter.alerting.route.TopicSilences;
import dev.tokenmeter.alerting.rule.LagProbe;
import dev.tokenmeter.alerting.rule.RuleBook;
import dev.tokenmeter.schemas.AlertRule;
import dev.tokenmeter.schemas.AlertSilence;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.Service;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.ServiceFactory;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.streams.StreamsApp;
import dev.tokenmeter.service.topics.CompactedFollower;
import java.util.List;
import java.util.Set;

/** Runs {@link AlertingTopology}: budget statuses and anomalies in; alerts out, to the topic and to people. */
public final class AlertingServiceFactory implements ServiceFactory {
    /** For {@code standalone} and {@code main}. */
    public AlertingServiceFactory() {}

    @Override
    public String section() {
        return AlertingConfig.SECTION;
    }

    @Override
    public Set<String> sections() {
        return Set.of(AlertingConfig.SECTION, "kafka");
    }

    @Override
    public int managementPort() {
        return 9104;
    }

    @Override
    public Service create(Settings settings, ServiceContext context) {
        AlertingConfig config = AlertingConfig.from(settings);
        DeliveryConfig delivery = DeliveryConfig.from(settings);
        TopicSilences silences = new TopicSilences();
        CompactedFollower<AlertSilence> follower = new CompactedFollower<>(
                Topics.SILENCES, AlertingConfig.SECTION, "silences", context.kafka(), silences, context.meters());
        context.health().readiness("silences", follower::readiness);
        RuleBook rules = new RuleBook(config.rules());
        CompactedFollower<AlertRule> ruleFollower = new CompactedFollower<>(
                Topics.ALERT_RULES, AlertingConfig.SECTION, "alert_rules", context.kafka(), rules, context.meters());
        context.health().readiness("alert-rules", ruleFollower::readiness);
        LagProbe lag = new LagProbe(context.kafka(), config.aggregatorGroup(), config.storageGroup(), context.meters());
        NotifierStage notifier = new NotifierStage(
                delivery.routing(),
                delivery.silences().and(silences),
                delivery.tellResolved(),
                NotifySerdes.from(context.kafka()),
                context.meters());
        AlertingTopology topology = new AlertingTopology(
                config,
                AlertingSerdes.from(context.kafka()),
                new LogChannel(),
                context.meters(),
                PageLinks.from(settings),
                rules,
                lag,
                notifier::addTo);
        return new AlertingService(
                List.of(follower, ruleFollower),
                rules,
                lag,
                new StreamsApp(topology.build(), config.streams(), context),
                new Deliveries(delivery.receivers(), context.kafka(), context.meters()));
    }
}
