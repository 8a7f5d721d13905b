package dev.tokenmeter.queryapi.prices;

import dev.tokenmeter.pricefeed.update.Dismissals;
import dev.tokenmeter.queryapi.control.CompactedTopic;
import dev.tokenmeter.schemas.PriceDismissal;
import java.time.Clock;
import java.time.temporal.ChronoUnit;

/** Dismissals in {@code llm.price-dismissals.v1}, so that all processes know them, and a restarted one. */
public final class LoggedDismissals implements Dismissals {
    private final CompactedTopic<PriceDismissal> log;
    private final Clock clock;

    public LoggedDismissals(CompactedTopic<PriceDismissal> log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    @Override
    public boolean areRead() {
        return log.readiness().up();
    }

    @Override
    public boolean covers(String priceId, String reason) {
        return log.get(priceId)
                .filter(dismissal -> dismissal.getReason().equals(reason))
                .isPresent();
    }

    @Override
    public void dismiss(String priceId, String reason, String by) {
        PriceDismissal dismissal = PriceDismissal.newBuilder()
                .setPriceId(priceId)
                .setReason(reason)
                .setDismissedAt(clock.instant().truncatedTo(ChronoUnit.MICROS))
                .setDismissedBy(by)
                .build();
        log.put(priceId, dismissal);
    }
}
