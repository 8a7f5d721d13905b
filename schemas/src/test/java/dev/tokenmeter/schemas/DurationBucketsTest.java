package dev.tokenmeter.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.HdrHistogram.Histogram;

class DurationBucketsTest {
    private final Histogram oneDigit = new Histogram(1L << 40, 1);

    @Property
    void bucketsAreHdrHistograms(@ForAll @LongRange(max = 1L << 39) long ms) {
        assertThat(DurationBuckets.lowest(ms)).isEqualTo(oneDigit.lowestEquivalentValue(ms));
        assertThat(DurationBuckets.name(ms)).isEqualTo(Long.toString(oneDigit.lowestEquivalentValue(ms)));
    }

    @Property
    void theMiddleOfABucketIsOffByLessThanAThirtieth(@ForAll @LongRange(max = 1L << 39) long ms) {
        long lowest = DurationBuckets.lowest(ms);
        long middle = oneDigit.medianEquivalentValue(lowest);
        assertThat(Math.abs(middle - ms) * 30).isLessThanOrEqualTo(Math.max(ms, 30));
    }
}
