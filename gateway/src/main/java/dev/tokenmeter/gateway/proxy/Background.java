package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.batch.BatchConfig;
import dev.tokenmeter.gateway.batch.Batches;
import dev.tokenmeter.gateway.cap.Caps;
import dev.tokenmeter.gateway.cap.Reservation;
import dev.tokenmeter.gateway.dialect.BackgroundResponse;
import dev.tokenmeter.gateway.dialect.BatchHead;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Responses that run in the background: notes who asked for them, and keeps what is set aside for each until somebody
 * retrieves it through this gateway. Of one that nobody does, and beyond a bound, that counts as spent. Safe for use by
 * several event loops.
 */
final class Background {
    private record Held(Reservation reservation, Instant since) {}

    private final Batches batches;
    private final Caps caps;
    private final BatchConfig config;
    private final Clock clock;
    private final Map<String, Held> held = new LinkedHashMap<>();

    Background(Batches batches, Caps caps, BatchConfig config, MeterRegistry meters, Clock clock) {
        this.batches = batches;
        this.caps = caps;
        this.config = config;
        this.clock = clock;
        Gauge.builder("tokenmeter.gateway.background.responses", this, Background::size)
                .description("Responses in the background for which something is set aside")
                .register(meters);
    }

    private synchronized int size() {
        return held.size();
    }

    /**
     * Takes note of a response that was asked for.
     *
     * @param call charged to who pays
     * @param reservation passes to this if the response runs on
     * @return whether it does; then there is nothing to meter yet
     */
    boolean runsOn(Call call, Ending ending, Reservation reservation) {
        BackgroundResponse response = ending.reading().background();
        if (response == null) {
            return false;
        }
        String provider = call.provider().name();
        batches.submitted(provider, new BatchHead(response.id(), response.createdAt(), List.of()), call.attribution());
        if (response.ended()) {
            return false;
        }
        if (!reservation.isNone()) {
            hold(provider + '/' + response.id(), reservation);
        }
        return true;
    }

    private void hold(String key, Reservation reservation) {
        List<Reservation> given = new ArrayList<>();
        Instant now = clock.instant();
        synchronized (this) {
            Held before = held.put(key, new Held(reservation, now));
            if (before != null) {
                given.add(before.reservation);
            }
            Instant tooOld = now.minus(config.holdBackground());
            Iterator<Held> oldest = held.values().iterator();
            for (Held next = oldest.next();
                    held.size() > config.maxBackground() || next.since.isBefore(tooOld);
                    next = oldest.next()) {
                oldest.remove();
                given.add(next.reservation);
            }
        }
        given.forEach(caps::abandon);
    }

    /** A response has ended: what it cost is in its event, if it cost anything. */
    void ended(String provider, BackgroundResponse response) {
        Held its;
        synchronized (this) {
            its = held.remove(provider + '/' + response.id());
        }
        if (its != null) {
            caps.release(its.reservation);
        }
    }
}
