package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Anomaly;
import dev.tokenmeter.schemas.BudgetStatus;
import dev.tokenmeter.schemas.Price;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.schemas.serde.SingleObjectSerde;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Properties;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;

/** The topology without a broker, as its tests drive it. */
final class AlertingDrivers {
    private AlertingDrivers() {}

    static AlertingSerdes serdes() {
        return new AlertingSerdes(
                new SingleObjectSerde<>(BudgetStatus.getEncoder(), BudgetStatus.getDecoder()),
                new SingleObjectSerde<>(Anomaly.getEncoder(), Anomaly.getDecoder()),
                new SingleObjectSerde<>(UsageRollup.getEncoder(), UsageRollup.getDecoder()),
                new SingleObjectSerde<>(Price.getEncoder(), Price.getDecoder()),
                new SingleObjectSerde<>(Alert.getEncoder(), Alert.getDecoder()));
    }

    static TopologyTestDriver driver(AlertingTopology topology, Path stateDir, Instant now) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        return new TopologyTestDriver(topology.build(), properties, now);
    }

    static TestOutputTopic<String, Alert> alerts(TopologyTestDriver driver, AlertingSerdes serdes) {
        return driver.createOutputTopic(
                Topics.ALERTS.topicName(),
                new StringDeserializer(),
                serdes.alerts().deserializer());
    }
}
