package dev.tokenmeter.gateway.upstream;

import java.util.concurrent.atomic.AtomicInteger;

/** One address of a provider while the gateway runs, as all event loops see it. Thread-safe. */
public final class Upstream {
    private final String provider;
    private final UpstreamConfig config;
    private final Breaker breaker;
    private final AtomicInteger waiting = new AtomicInteger();

    Upstream(String provider, UpstreamConfig config, BreakerConfig breaker) {
        this.provider = provider;
        this.config = config;
        this.breaker = new Breaker(provider + ", upstream " + config.id(), breaker, System::nanoTime);
    }

    /** Whose address it is. */
    public String provider() {
        return provider;
    }

    /** Its settings. */
    public UpstreamConfig config() {
        return config;
    }

    /** Whether it is in use. */
    public Breaker breaker() {
        return breaker;
    }

    /** A call begins to wait for a connection. */
    public void startedWaiting() {
        waiting.incrementAndGet();
    }

    /** A call has its connection, or will get none. */
    public void stoppedWaiting() {
        waiting.decrementAndGet();
    }

    int waiting() {
        return waiting.get();
    }

    @Override
    public String toString() {
        return provider + "/" + config.id();
    }
}
