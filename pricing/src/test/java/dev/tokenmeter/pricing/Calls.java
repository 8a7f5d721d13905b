package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.TokenKind;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageSource;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Events from what tables say of them: {@code uncached_input_tokens=1000 web_search_requests=2}. */
final class Calls {
    private Calls() {}

    static UsageEvent.Builder of(String provider, String model, String quantities) {
        UsageEvent event =
                Events.of(provider, model).setUsageSource(UsageSource.provider).build();
        Map<String, BigDecimal> units = new HashMap<>();
        for (String quantity : quantities.trim().split(" +")) {
            String name = quantity.substring(0, quantity.indexOf('='));
            String count = quantity.substring(quantity.indexOf('=') + 1);
            boolean tokens = Arrays.stream(TokenKind.values())
                    .anyMatch(kind -> kind.field().equals(name));
            if (tokens) {
                event.put(UsageEvent.getClassSchema().getField(name).pos(), Long.parseLong(count));
            } else {
                units.put(name, new BigDecimal(count));
            }
        }
        return UsageEvent.newBuilder(event).setUnits(units);
    }
}
