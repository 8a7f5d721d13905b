package dev.tokenmeter.alerting.deliver;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Notification;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What one receiver has not got yet, oldest first, as far as it was read. What waits for the same group is delivered as one:
 * who was away for hours wants to know how it stands, and of each alert once. For one thread.
 */
final class Backlog {
    /** One record of the topic; the notification is null where it is for somebody else. */
    private record Entry(ConsumerRecord<byte[], byte[]> source, Notification notification) {}

    /**
     * What is to be delivered now.
     *
     * @param notification the newest, with what the older ones said of alerts that it does not have
     * @param oldest the oldest that it stands for
     */
    record Delivery(Notification notification, Notification oldest) {}

    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Set<Entry> done = Collections.newSetFromMap(new IdentityHashMap<>());
    private List<Entry> delivering = List.of();

    void add(ConsumerRecord<byte[], byte[]> source, Notification notification) {
        entries.add(new Entry(source, notification));
    }

    /** For another receiver: only its place counts. */
    void skip(ConsumerRecord<byte[], byte[]> source) {
        entries.add(new Entry(place(source), null));
    }

    private static ConsumerRecord<byte[], byte[]> place(ConsumerRecord<byte[], byte[]> source) {
        return new ConsumerRecord<>(source.topic(), source.partition(), source.offset(), null, null);
    }

    int size() {
        return entries.size();
    }

    /** When the oldest was due that waits; null where none does. */
    Instant oldestDue() {
        return entries.stream()
                .filter(entry -> entry.notification != null)
                .findFirst()
                .map(entry -> entry.notification.getCreatedAt())
                .orElse(null);
    }

    /**
     * Forgets what is of partitions that somebody else has now.
     *
     * @return whether something of it was being delivered
     */
    boolean forget(Collection<TopicPartition> partitions) {
        Set<Entry> gone = Collections.newSetFromMap(new IdentityHashMap<>());
        entries.stream().filter(entry -> partitions.contains(partition(entry))).forEach(gone::add);
        entries.removeIf(gone::contains);
        done.removeAll(gone);
        boolean wasDelivered = delivering.stream().anyMatch(gone::contains);
        if (wasDelivered) {
            delivering = List.of();
        }
        return wasDelivered;
    }

    private static TopicPartition partition(Entry entry) {
        return new TopicPartition(entry.source.topic(), entry.source.partition());
    }

    void clear() {
        entries.clear();
        done.clear();
        delivering = List.of();
    }

    /** The next, after {@link #takeDone}; null for none. */
    Delivery next() {
        Entry head = entries.peek();
        if (head == null) {
            return null;
        }
        delivering = entries.stream()
                .filter(entry -> entry.notification != null && !done.contains(entry))
                .filter(entry -> entry.notification.getGroupKey().equals(head.notification.getGroupKey()))
                .toList();
        return new Delivery(merged(delivering.stream().map(Entry::notification).toList()), head.notification);
    }

    /** What the last {@link #next} stood for is delivered. */
    void delivered() {
        done.addAll(delivering);
        delivering = List.of();
    }

    /** What the last {@link #next} stood for will not be delivered; its records. */
    List<ConsumerRecord<byte[], byte[]>> refused() {
        List<ConsumerRecord<byte[], byte[]>> sources =
                delivering.stream().map(Entry::source).toList();
        delivered();
        return sources;
    }

    /** The oldest of what the last {@link #next} stood for has waited for too long; its record. */
    ConsumerRecord<byte[], byte[]> expired() {
        Entry head = entries.element();
        done.add(head);
        delivering = List.of();
        return head.source;
    }

    /** Takes away what stands before the next; the offsets to commit for that. */
    Map<TopicPartition, Long> takeDone() {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        while (!entries.isEmpty() && (entries.element().notification == null || done.contains(entries.element()))) {
            Entry entry = entries.remove();
            done.remove(entry);
            offsets.put(partition(entry), entry.source.offset() + 1);
        }
        return offsets;
    }

    private static Notification merged(List<Notification> sameGroup) {
        Notification newest = sameGroup.get(sameGroup.size() - 1);
        if (sameGroup.size() == 1) {
            return newest;
        }
        Map<String, Alert> latest = new LinkedHashMap<>();
        for (int i = sameGroup.size() - 1; i >= 0; i--) {
            sameGroup.get(i).getAlerts().stream()
                    .filter(alert -> stands(alert, newest))
                    .forEach(alert -> latest.putIfAbsent(alert.getAlertId(), alert));
        }
        List<Alert> alerts = Stream.concat(
                        firing(latest.values(), true).stream(), firing(latest.values(), false).stream())
                .toList();
        return Notification.newBuilder(newest)
                .setAlerts(alerts)
                .setReason(reason(sameGroup, alerts))
                .build();
    }

    /** What fires is all in the newest, unless it is cut off; what is missing there is over, or silenced. */
    private static boolean stands(Alert alert, Notification newest) {
        return alert.getState() == AlertState.resolved
                || newest.getTruncatedAlerts() > 0
                || newest.getAlerts().stream().anyMatch(one -> one.getAlertId().equals(alert.getAlertId()));
    }

    private static List<Alert> firing(Collection<Alert> alerts, boolean firing) {
        List<Alert> found = new ArrayList<>(alerts);
        found.removeIf(alert -> (alert.getState() == AlertState.resolved) == firing);
        return found;
    }

    private static String reason(List<Notification> sameGroup, List<Alert> alerts) {
        if (alerts.stream().allMatch(alert -> alert.getState() == AlertState.resolved)) {
            return "resolved";
        }
        String oldest = sameGroup.get(0).getReason();
        boolean same = sameGroup.stream().allMatch(one -> one.getReason().equals(oldest));
        return same || oldest.equals("first") ? oldest : "changed";
    }
}
