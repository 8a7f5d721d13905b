package dev.tokenmeter.gateway.observe;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;

/**
 * What the SDK's own metrics say of spans that did not arrive. It tells the loss by an attribute of a counter's series:
 * {@code dropped} of the batch processor, {@code success} of the exporter. Thread-safe.
 */
final class SpanLoss implements MetricReader {
    private static final AttributeKey<Boolean> DROPPED = AttributeKey.booleanKey("dropped");
    private static final AttributeKey<Boolean> SUCCESS = AttributeKey.booleanKey("success");

    private volatile CollectionRegistration source = CollectionRegistration.noop();

    /** Spans lost so far. */
    double count() {
        long lost = 0;
        for (MetricData metric : source.collectAllMetrics()) {
            if (metric.getType() == MetricDataType.LONG_SUM) {
                for (LongPointData point : metric.getLongSumData().getPoints()) {
                    lost += isLoss(point.getAttributes()) ? point.getValue() : 0;
                }
            }
        }
        return lost;
    }

    private static boolean isLoss(Attributes attributes) {
        return Boolean.TRUE.equals(attributes.get(DROPPED)) || Boolean.FALSE.equals(attributes.get(SUCCESS));
    }

    @Override
    public void register(CollectionRegistration registration) {
        source = registration;
    }

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType instrument) {
        return AggregationTemporality.CUMULATIVE;
    }

    @Override
    public CompletableResultCode forceFlush() {
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
        return CompletableResultCode.ofSuccess();
    }
}
