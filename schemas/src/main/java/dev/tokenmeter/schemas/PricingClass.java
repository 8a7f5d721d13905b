package dev.tokenmeter.schemas;

import java.math.BigDecimal;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * On what the price of a call depends beside tenant, provider, model and time. Rollups have it as a dimension, so that all
 * calls of one rollup are priced alike, and the price of their sum is the sum of their prices.
 *
 * @param serviceTier as the answer states it; null where it states none
 * @param region null where none is stated
 * @param contextFrom input tokens of each of the calls are this many or more
 * @param contextBelow and fewer than this; {@link Long#MAX_VALUE} for no end
 * @param quantities names of what each of the calls used that prices often have no rate for: tokens of audio and images,
 *     units other than tokens
 */
public record PricingClass(
        String serviceTier, String region, long contextFrom, long contextBelow, Set<String> quantities) {
    /** Name of the dimension. */
    public static final String DIMENSION = "pricing_class";

    /** Where the context tiers of the prices begin that providers have published. */
    private static final long[] CONTEXT_EDGES = {100_001, 128_000, 128_001, 200_000, 200_001, 272_000, 272_001};

    private static final Set<TokenKind> KINDS =
            EnumSet.of(TokenKind.AUDIO_INPUT, TokenKind.IMAGE_INPUT, TokenKind.AUDIO_OUTPUT, TokenKind.IMAGE_OUTPUT);

    public PricingClass {
        quantities = Set.copyOf(quantities);
    }

    /** Of an event, as the text that stands in rollups: tier, region, input tokens from, quantities. Never empty. */
    public static String textOf(UsageEvent event) {
        return text(event.getServiceTier())
                + ';'
                + text(event.getRegion())
                + ';'
                + floor(UsageEvents.contextTokens(event))
                + ';'
                + String.join(",", quantities(event));
    }

    /** What such a text says; empty where it is not one, as in rollups that were made before there were any. */
    public static Optional<PricingClass> parse(String text) {
        String[] parts = text.split(";", -1);
        if (parts.length != 4 || !parts[2].matches("\\d{1,18}")) {
            return Optional.empty();
        }
        long from = Long.parseLong(parts[2]);
        Set<String> quantities = new LinkedHashSet<>();
        for (String name : parts[3].isEmpty() ? List.<String>of() : List.of(parts[3].split(","))) {
            quantities.add(decoded(name));
        }
        return Optional.of(new PricingClass(
                parts[0].isEmpty() ? null : decoded(parts[0]),
                parts[1].isEmpty() ? null : decoded(parts[1]),
                from,
                next(from),
                quantities));
    }

    private static Set<String> quantities(UsageEvent event) {
        Set<String> names = new TreeSet<>();
        for (TokenKind kind : KINDS) {
            if (kind.of(event) != 0) {
                names.add(kind.field());
            }
        }
        for (Map.Entry<String, BigDecimal> unit : event.getUnits().entrySet()) {
            if (unit.getValue().signum() != 0) {
                names.add(text(unit.getKey()));
            }
        }
        return names;
    }

    private static long floor(long contextTokens) {
        return Arrays.stream(CONTEXT_EDGES)
                .filter(edge -> edge <= contextTokens)
                .max()
                .orElse(0);
    }

    private static long next(long from) {
        return Arrays.stream(CONTEXT_EDGES).filter(edge -> edge > from).min().orElse(Long.MAX_VALUE);
    }

    /** Free of the separators. */
    private static String text(String value) {
        if (value == null) {
            return "";
        }
        return value.indexOf(';') < 0 && value.indexOf(',') < 0 && value.indexOf('%') < 0 && value.indexOf('+') < 0
                ? value
                : URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static String decoded(String text) {
        return text.indexOf('%') < 0 && text.indexOf('+') < 0 ? text : URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
