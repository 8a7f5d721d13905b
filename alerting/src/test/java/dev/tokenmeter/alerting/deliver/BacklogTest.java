package dev.tokenmeter.alerting.deliver;

import static dev.tokenmeter.alerting.TestAlerts.firing;
import static dev.tokenmeter.alerting.TestAlerts.notification;
import static dev.tokenmeter.alerting.TestAlerts.resolved;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Notification;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private final Backlog backlog = new Backlog();
    private long offset;

    private ConsumerRecord<byte[], byte[]> record() {
        return new ConsumerRecord<>("t", 0, offset++, new byte[0], new byte[0]);
    }

    private void add(String id, String group, String reason, Alert... alerts) {
        backlog.add(
                record(),
                notification(id, "ops", alerts)
                        .setGroupKey(group)
                        .setReason(reason)
                        .build());
    }

    @Test
    void groupsComeOneAfterTheOtherAndWhatIsDoneIsCommitted() {
        add("n1", "g1", "first", firing("a", "acme"));
        backlog.skip(record());
        add("n2", "g2", "first", firing("b", "acme"));

        assertThat(backlog.next().notification().getNotificationId()).isEqualTo("n1");
        backlog.delivered();
        assertThat(backlog.takeDone()).isEqualTo(Map.of(PARTITION, 2L));
        assertThat(backlog.next().notification().getNotificationId()).isEqualTo("n2");
        assertThat(backlog.takeDone()).isEmpty();
        backlog.delivered();
        assertThat(backlog.takeDone()).isEqualTo(Map.of(PARTITION, 3L));
        assertThat(backlog.next()).isNull();
    }

    @Test
    void whatWaitsForOneGroupIsDeliveredAsOneWithEachAlertOnceAsItStands() {
        Alert a = firing("a", "acme");
        Alert b = firing("b", "acme");
        Alert c = firing("c", "acme");
        add("n1", "g1", "first", a, b);
        add("other", "g2", "first", firing("x", "acme"));
        add("n2", "g1", "changed", b, resolved(a));
        add("n3", "g1", "changed", b, c);

        Backlog.Delivery delivery = backlog.next();
        Notification merged = delivery.notification();
        assertThat(merged.getNotificationId()).isEqualTo("n3");
        assertThat(merged.getReason()).isEqualTo("first");
        assertThat(merged.getAlerts()).containsExactly(b, c, resolved(a));
        assertThat(delivery.oldest().getNotificationId()).isEqualTo("n1");
        backlog.delivered();
        assertThat(backlog.takeDone()).isEqualTo(Map.of(PARTITION, 1L));
        assertThat(backlog.next().notification().getNotificationId()).isEqualTo("other");
        backlog.delivered();
        assertThat(backlog.takeDone()).isEqualTo(Map.of(PARTITION, 4L));
        assertThat(backlog.size()).isZero();
    }

    @Test
    void theReasonIsThatOfWhatTheReceiverHasNotHeard() {
        Alert a = firing("a", "acme");
        add("n1", "g1", "repeat", a);
        add("n2", "g1", "repeat", a);
        assertThat(backlog.next().notification().getReason()).isEqualTo("repeat");
        add("n3", "g1", "resolved", resolved(a));
        assertThat(backlog.next().notification().getReason()).isEqualTo("resolved");
        assertThat(backlog.next().notification().getAlerts()).containsExactly(resolved(a));
    }

    @Test
    void whatIsRefusedLeavesWithAllThatItStoodForAndWhatExpiresAlone() {
        add("n1", "g1", "first", firing("a", "acme"));
        add("n2", "g1", "repeat", firing("a", "acme"));
        backlog.next();
        assertThat(backlog.expired().offset()).isZero();
        assertThat(backlog.takeDone()).isEqualTo(Map.of(PARTITION, 1L));
        add("n3", "g1", "repeat", firing("a", "acme"));
        backlog.next();
        assertThat(backlog.refused()).extracting(ConsumerRecord::offset).containsExactly(1L, 2L);
        assertThat(backlog.takeDone()).isEqualTo(Map.of(PARTITION, 3L));
    }

    @Test
    void whatFiredOnceAndStandsNowhereInTheNewestIsNotTold() {
        add("n1", "g1", "first", firing("a", "acme"), firing("b", "acme"));
        add("n2", "g1", "repeat", firing("b", "acme")); // a was resolved, or silenced, without a word
        assertThat(backlog.next().notification().getAlerts()).containsExactly(firing("b", "acme"));
        Notification cutOff = notification("n3", "ops", firing("b", "acme"))
                .setGroupKey("g1")
                .setReason("repeat")
                .setTruncatedAlerts(1)
                .build();
        backlog.add(record(), cutOff);
        assertThat(backlog.next().notification().getAlerts())
                .containsExactlyInAnyOrder(firing("a", "acme"), firing("b", "acme"));
    }

    @Test
    void ofPartitionsThatSomebodyElseHasNothingIsKeptAndOfTheOthersAll() {
        add("n1", "g1", "first", firing("a", "acme"));
        backlog.add(
                new ConsumerRecord<>("t", 1, 7, new byte[0], new byte[0]),
                notification("n2", "ops", firing("b", "acme")).setGroupKey("g2").build());
        backlog.next();
        assertThat(backlog.forget(List.of(new TopicPartition("t", 1)))).isFalse();
        backlog.delivered();
        assertThat(backlog.takeDone()).isEqualTo(Map.of(PARTITION, 1L));
        assertThat(backlog.size()).isZero();
        add("n3", "g1", "first", firing("a", "acme"));
        backlog.next();
        assertThat(backlog.forget(List.of(PARTITION))).isTrue();
        assertThat(backlog.next()).isNull();
    }
}
