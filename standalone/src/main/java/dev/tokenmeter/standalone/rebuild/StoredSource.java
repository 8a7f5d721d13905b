package dev.tokenmeter.standalone.rebuild;

import dev.tokenmeter.aggregator.rebuild.Cut;
import dev.tokenmeter.aggregator.rebuild.RebuildLog;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.service.KafkaSettings;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.EventFilter;
import dev.tokenmeter.storage.query.StoredEvents;
import dev.tokenmeter.storage.query.StoredRollups;
import dev.tokenmeter.storage.query.TimeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Events as ClickHouse has them. A row knows where its record stands in the log; one behind the cut is told by its id, so that
 * rows of an earlier log, whose offsets mean nothing now, count as what they are.
 */
final class StoredSource implements EventSource {
    /** No more records are written to a partition while one stretch is read. */
    private static final long MANY = 1_000_000;

    private final StoredEvents events;
    private final StoredRollups rollups;
    private final RebuildLog log;
    private final String sinkGroup;
    private final LogTail tail;

    /** @param sinkGroup consumer group of who writes into ClickHouse */
    StoredSource(StoredEvents events, StoredRollups rollups, RebuildLog log, String sinkGroup, KafkaSettings kafka) {
        this.events = events;
        this.rollups = rollups;
        this.log = log;
        this.sinkGroup = sinkGroup;
        this.tail = new LogTail(kafka);
    }

    @Override
    public void await(Cut cut) throws InterruptedException {
        log.awaitRead(sinkGroup, cut);
    }

    @Override
    public Set<String> tenants(TimeRange range) {
        return rollups.tenants(range);
    }

    @Override
    public void read(TimeRange range, String tenant, Cut cut, Consumer<UsageEvent> reader) throws MovedException {
        Map<Integer, Long> ends = tail.ends();
        List<UsageEvent> behind = new ArrayList<>();
        EventFilter filter = new EventFilter(range, Map.of(Dimension.Field.TENANT, tenant), false);
        events.forEachPlaced(filter, (event, partition, offset) -> {
            Long end = ends.get(partition);
            if (cut.isAfter(partition, offset) || end == null || offset >= end + MANY) {
                reader.accept(event);
            } else {
                behind.add(event);
            }
        });
        if (behind.isEmpty()) {
            return;
        }
        Set<UUID> since = tail.idsSince(cut);
        for (UsageEvent event : behind) {
            if (!since.contains(event.getEventId())) {
                reader.accept(event);
            } else if (event.getRevision() > 0) {
                throw new MovedException();
            }
        }
    }

    @Override
    public void close() {
        tail.close();
    }
}
