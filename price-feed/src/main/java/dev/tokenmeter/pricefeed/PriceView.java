package dev.tokenmeter.pricefeed;

import dev.tokenmeter.pricing.InvalidPriceException;
import dev.tokenmeter.pricing.LivePricer;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceRecords;
import dev.tokenmeter.pricing.PriceSource;
import dev.tokenmeter.service.topics.CompactedMap;
import dev.tokenmeter.service.topics.CompactedView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The price topic as the book knows it. Prices that arrive together become one new book. Written by the follower's thread. */
final class PriceView implements CompactedView<dev.tokenmeter.schemas.Price> {
    private static final Logger LOG = LoggerFactory.getLogger(PriceView.class);
    /** As {@code Price.source} names what an operator set. */
    private static final String API = "api";

    private final LivePricer pricer;
    private final CompactedMap<dev.tokenmeter.schemas.Price> records = new CompactedMap<>();

    PriceView(LivePricer pricer) {
        this.pricer = pricer;
    }

    @Override
    public void put(String key, dev.tokenmeter.schemas.Price price) {
        records.put(key, price);
    }

    @Override
    public void remove(String key) {
        records.remove(key);
    }

    @Override
    public void settled() {
        Map<PriceSource, List<Price>> bySource = new EnumMap<>(PriceSource.class);
        bySource.put(PriceSource.API, new ArrayList<>());
        bySource.put(PriceSource.UPDATE, new ArrayList<>());
        for (dev.tokenmeter.schemas.Price record : records.all()) {
            try {
                bySource.get(record.getSource().equals(API) ? PriceSource.API : PriceSource.UPDATE)
                        .add(PriceRecords.fromRecord(record));
            } catch (InvalidPriceException e) {
                LOG.warn("price {} in the topic cannot be used: {}", record.getPriceId(), e.getMessage());
            }
        }
        pricer.change(book -> book.with(PriceSource.API, bySource.get(PriceSource.API))
                .with(PriceSource.UPDATE, bySource.get(PriceSource.UPDATE)));
    }

    @Override
    public void markCaughtUp() {
        records.markCaughtUp();
    }

    @Override
    public boolean isCaughtUp() {
        return records.isCaughtUp();
    }

    @Override
    public int size() {
        return records.size();
    }

    Collection<dev.tokenmeter.schemas.Price> all() {
        return records.all();
    }
}
