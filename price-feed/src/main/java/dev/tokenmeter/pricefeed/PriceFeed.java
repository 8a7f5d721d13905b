package dev.tokenmeter.pricefeed;

import dev.tokenmeter.pricefeed.update.UpdateSettings;
import dev.tokenmeter.pricing.LivePricer;
import dev.tokenmeter.pricing.PriceBook;
import dev.tokenmeter.schemas.Price;
import dev.tokenmeter.schemas.Topics;
import dev.tokenmeter.service.Health;
import dev.tokenmeter.service.ServiceContext;
import dev.tokenmeter.service.Settings;
import dev.tokenmeter.service.topics.CompactedFollower;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Keeps a pricer up to date: it begins with the shipped snapshot and the operator's file, and follows {@code llm.prices.v1},
 * so that a price that was written there is used by the next call in every service, without a restart. While Kafka is away
 * the last known prices stay in force. Thread-safe.
 */
public final class PriceFeed implements AutoCloseable {
    private final LivePricer pricer;
    private final PriceView view;
    private final Optional<UpdateSettings> updates;
    private final CompactedFollower<Price> follower;

    /**
     * Reads {@code pricing.*}; connects to nothing yet.
     *
     * @param service in whose name metrics and threads stand
     * @throws dev.tokenmeter.service.SettingException if the file cannot be used
     */
    public PriceFeed(Settings settings, ServiceContext context, String service) {
        this(new LivePricer(PriceFileSetting.book(settings)), UpdateSettings.from(settings), context, service);
    }

    /** @param pricer holds all prices but those of the topic */
    private PriceFeed(LivePricer pricer, Optional<UpdateSettings> updates, ServiceContext context, String service) {
        this.pricer = pricer;
        this.updates = updates;
        this.view = new PriceView(pricer);
        this.follower =
                new CompactedFollower<>(Topics.PRICES, service, "prices", context.kafka(), view, context.meters());
    }

    /** Starts to follow the topic. */
    public void start() {
        follower.start();
    }

    /** Prices events by what is known now. */
    public LivePricer pricer() {
        return pricer;
    }

    /** All prices that are known now. */
    public PriceBook book() {
        return pricer.book();
    }

    /** What the topic holds, in the order of the ids. */
    public Collection<Price> records() {
        return view.all();
    }

    /** Which list is polled, where one is; this polls nothing itself. */
    public Optional<UpdateSettings> updates() {
        return updates;
    }

    /** Down until all prices that were there at the start are in use: before that a call might get an older price. */
    public Health.Status readiness() {
        return follower.readiness();
    }

    /**
     * Waits until what was written to the topic is in use here. Blocking.
     *
     * @throws TimeoutException if it is not in time
     */
    public void awaitRead(RecordMetadata written, Duration patience) throws InterruptedException, TimeoutException {
        follower.awaitRead(written, patience);
    }

    @Override
    public void close() {
        follower.close();
    }
}
