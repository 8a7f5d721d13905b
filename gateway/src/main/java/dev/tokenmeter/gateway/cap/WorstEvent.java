package dev.tokenmeter.gateway.cap;

import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;

/** The event that a call would leave at worst, to be priced and forgotten. */
final class WorstEvent {
    /** Its fields are taken for each call: Avro's builder looks up the default of each field that it is not given. */
    private static final UsageEvent BLANK = UsageEvent.newBuilder()
            .setEventId(new UUID(0, 0))
            .setOccurredAt(Instant.EPOCH)
            .setGatewayId("")
            .setTenant("")
            .setApiKeyId("")
            .setProvider("")
            .setModel("")
            .setOperation("")
            .setUsageSource(UsageSource.estimated)
            .build();

    /** What a new event does not have by itself. */
    private static final int[] SET = positionsSet();

    private static final int OCCURRED_AT = position("occurred_at");
    private static final int TENANT = position("tenant");
    private static final int PROVIDER = position("provider");
    private static final int REGION = position("region");
    private static final int MODEL = position("model");
    private static final int OPERATION = position("operation");
    private static final int INPUT = position("uncached_input_tokens");
    private static final int OUTPUT = position("text_output_tokens");

    private WorstEvent() {}

    private static int[] positionsSet() {
        UsageEvent fresh = new UsageEvent();
        return IntStream.range(0, UsageEvent.getClassSchema().getFields().size())
                .filter(position -> !Objects.equals(fresh.get(position), BLANK.get(position)))
                .toArray();
    }

    private static int position(String field) {
        return UsageEvent.getClassSchema().getField(field).pos();
    }

    static UsageEvent of(Asked asked, RequestEstimate estimate, Instant now) {
        UsageEvent worst = new UsageEvent();
        for (int position : SET) {
            worst.put(position, BLANK.get(position));
        }
        worst.put(OCCURRED_AT, now);
        worst.put(TENANT, asked.tenant());
        worst.put(PROVIDER, asked.provider());
        worst.put(REGION, asked.region());
        worst.put(MODEL, asked.model());
        worst.put(OPERATION, asked.operation().label());
        worst.put(INPUT, estimate.inputTokens());
        worst.put(OUTPUT, estimate.outputTokens());
        return worst;
    }
}
