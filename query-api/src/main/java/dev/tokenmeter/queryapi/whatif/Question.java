package dev.tokenmeter.queryapi.whatif;

import dev.tokenmeter.storage.query.Bucket;
import dev.tokenmeter.storage.query.Dimension;
import dev.tokenmeter.storage.query.TimeRange;
import java.util.List;
import java.util.Map;

/**
 * What is asked.
 *
 * @param range which traffic, by when its calls ended
 * @param filters which traffic, by its dimensions
 * @param groupBy dimensions of the answer's rows
 * @param bucket windows of the answer's rows
 * @param limit the most rows to answer
 * @param scenario what is supposed
 */
record Question(
        TimeRange range,
        Map<Dimension, String> filters,
        List<Dimension> groupBy,
        Bucket bucket,
        int limit,
        Scenario scenario) {}
