package dev.tokenmeter.pricing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.TokenKind;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads Tokenmeter's own price format, JSON; docs/pricing.md describes it. Every amount is a decimal string, so that no
 * figure passes through binary floating point. Any mistake fails the whole file: half a price list is a wrong one.
 */
public final class PriceFile {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final int RATE_SCALE = 6;
    private static final Set<String> FIELDS = Set.of(
            "provider",
            "models",
            "dated_models",
            "prefixes",
            "from",
            "until",
            "hours_utc",
            "service_tiers",
            "usd_per_million_tokens",
            "usd_per_unit",
            "context_tiers",
            "note");
    private static final Map<String, TokenKind> KINDS =
            Arrays.stream(TokenKind.values()).collect(Collectors.toMap(TokenKind::field, kind -> kind));

    private final String source;

    private PriceFile(String source) {
        this.source = source;
    }

    /**
     * @param source name of the source, the beginning of each {@link Price#id}
     * @throws PriceFileException if anything in it is missing, unknown or out of bounds
     */
    public static List<Price> read(InputStream in, String source) throws IOException {
        PriceFile file = new PriceFile(source);
        try {
            JsonNode prices = JSON.readTree(in).path("prices");
            if (!prices.isArray()) {
                throw new PriceFileException(source + ": prices: not there; allowed: a list of prices");
            }
            List<Price> list = new ArrayList<>();
            for (JsonNode entry : prices) {
                list.add(file.price(entry, source + ": prices[" + list.size() + "]"));
            }
            return List.copyOf(list);
        } catch (JsonProcessingException e) {
            throw new PriceFileException(source + ": not JSON: " + e.getOriginalMessage() + " at line "
                    + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()));
        }
    }

    private Price price(JsonNode entry, String at) {
        entry.fieldNames().forEachRemaining(name -> {
            if (!FIELDS.contains(name)) {
                throw new PriceFileException(at + "." + name + ": no such field; allowed: " + FIELDS);
            }
        });
        String provider = text(entry, "provider", at);
        Set<String> models = texts(entry, "models", at);
        Set<String> datedModels = texts(entry, "dated_models", at);
        Set<String> prefixes = texts(entry, "prefixes", at);
        if (models.isEmpty() && datedModels.isEmpty() && prefixes.isEmpty()) {
            throw new PriceFileException(at + ": no models, dated_models or prefixes; allowed: at least one name");
        }
        Instant from = entry.has("from") ? instant(entry, "from", at) : Instant.EPOCH;
        Instant until = entry.has("until") ? instant(entry, "until", at) : null;
        Set<String> tiers = texts(entry, "service_tiers", at);
        String name = Stream.of(models, datedModels, prefixes)
                .flatMap(Set::stream)
                .findFirst()
                .orElseThrow();
        String id = source + ":" + provider + "/" + name + "@" + from.toString().substring(0, 10);
        return new Price(
                id,
                provider,
                models,
                datedModels,
                prefixes,
                from,
                until,
                entry.has("hours_utc") ? hours(entry.get("hours_utc"), at + ".hours_utc") : null,
                tiers.isEmpty() ? Set.of("default", "standard") : tiers,
                rates(entry, at),
                contextTiers(entry.path("context_tiers"), at + ".context_tiers"));
    }

    private static List<ContextTier> contextTiers(JsonNode tiers, String at) {
        List<ContextTier> list = new ArrayList<>();
        for (JsonNode tier : tiers) {
            String here = at + "[" + list.size() + "]";
            JsonNode edge = tier.path("above_input_tokens");
            if (!edge.canConvertToLong() || edge.asLong() < 1) {
                throw new PriceFileException(
                        here + ".above_input_tokens: found " + edge + "; allowed: a whole number above 0");
            }
            list.add(new ContextTier(edge.asLong(), rates(tier, here)));
        }
        return list;
    }

    private static DailyHours hours(JsonNode hours, String at) {
        try {
            return new DailyHours(LocalTime.parse(text(hours, "from", at)), LocalTime.parse(text(hours, "until", at)));
        } catch (DateTimeParseException e) {
            throw new PriceFileException(at + ": found '" + e.getParsedString() + "'; allowed: a time such as 16:30");
        }
    }

    private static Rates rates(JsonNode entry, String at) {
        Map<TokenKind, BigDecimal> tokens = new EnumMap<>(TokenKind.class);
        String tokensAt = at + ".usd_per_million_tokens";
        entry.path("usd_per_million_tokens").fields().forEachRemaining(field -> {
            TokenKind kind = KINDS.get(field.getKey());
            if (kind == null) {
                throw new PriceFileException(
                        tokensAt + "." + field.getKey() + ": no such kind; allowed: " + KINDS.keySet());
            }
            tokens.put(kind, amount(field.getValue(), RATE_SCALE, tokensAt + "." + field.getKey()));
        });
        Map<String, BigDecimal> units = new HashMap<>();
        String unitsAt = at + ".usd_per_unit.";
        entry.path("usd_per_unit")
                .fields()
                .forEachRemaining(field ->
                        units.put(field.getKey(), amount(field.getValue(), Money.SCALE, unitsAt + field.getKey())));
        if (tokens.isEmpty() && units.isEmpty()) {
            throw new PriceFileException(at + ": no rate; allowed: usd_per_million_tokens or usd_per_unit");
        }
        return new Rates(tokens, units);
    }

    private static BigDecimal amount(JsonNode node, int maxScale, String at) {
        String allowed =
                "; allowed: a decimal string of 0 or more with at most " + maxScale + " digits after the point";
        if (!node.isTextual()) {
            throw new PriceFileException(at + ": found " + node + allowed);
        }
        try {
            BigDecimal amount = new BigDecimal(node.asText()).stripTrailingZeros();
            if (amount.signum() < 0 || amount.scale() > maxScale || amount.precision() > 15) {
                throw new PriceFileException(at + ": found '" + node.asText() + "'" + allowed);
            }
            return amount;
        } catch (NumberFormatException e) {
            throw new PriceFileException(at + ": found '" + node.asText() + "'" + allowed);
        }
    }

    private static Instant instant(JsonNode entry, String field, String at) {
        String text = text(entry, field, at);
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new PriceFileException(
                    at + "." + field + ": found '" + text + "'; allowed: a UTC time such as 2026-01-01T00:00:00Z");
        }
    }

    private static String text(JsonNode entry, String field, String at) {
        JsonNode node = entry.path(field);
        if (!node.isTextual() || node.asText().isBlank()) {
            throw new PriceFileException(at + "." + field + ": found " + (node.isMissingNode() ? "nothing" : node)
                    + "; allowed: a text that is not blank");
        }
        return node.asText();
    }

    private static Set<String> texts(JsonNode entry, String field, String at) {
        Set<String> texts = new LinkedHashSet<>();
        for (JsonNode node : entry.path(field)) {
            if (!node.isTextual() || node.asText().isBlank()) {
                throw new PriceFileException(at + "." + field + ": found " + node + "; allowed: a list of names");
            }
            texts.add(node.asText());
        }
        return texts;
    }
}
