package dev.tokenmeter.gateway.upstream;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All providers' addresses while the gateway runs, with metrics of each. Thread-safe once filled. */
public final class Upstreams {
    private final MeterRegistry meters;
    private final Map<String, List<Upstream>> byProvider = new HashMap<>();

    public Upstreams(MeterRegistry meters) {
        this.meters = meters;
    }

    /** Adds a provider's. */
    public void add(String provider, List<UpstreamConfig> configs, BreakerConfig breaker) {
        List<Upstream> upstreams = configs.stream()
                .map(config -> new Upstream(provider, config, breaker))
                .toList();
        upstreams.forEach(this::register);
        byProvider.put(provider, upstreams);
    }

    private void register(Upstream upstream) {
        Tags tags = Tags.of(
                "provider", upstream.provider(), "upstream", upstream.config().id());
        Gauge.builder("tokenmeter.gateway.upstream.waiting.requests", upstream, Upstream::waiting)
                .description("Calls that wait for a connection to an upstream (bound: max-waiting)")
                .tags(tags)
                .register(meters);
        Gauge.builder(
                        "tokenmeter.gateway.upstream.breaker.state",
                        upstream,
                        of -> of.breaker().state().ordinal())
                .description(
                        "Whether calls pass to an upstream: 0 closed (all do), 1 half open (a trial), 2 open (none)")
                .tags(tags)
                .register(meters);
    }

    /** A provider's addresses. */
    public List<Upstream> of(String provider) {
        return byProvider.get(provider);
    }
}
