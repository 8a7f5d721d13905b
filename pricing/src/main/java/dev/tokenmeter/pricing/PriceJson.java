package dev.tokenmeter.pricing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.DayOfWeek;
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
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads one price in Tokenmeter's own format. Whatever is wrong becomes an {@link InvalidPriceException} that names it. */
final class PriceJson {
    private static final Set<String> FIELDS = new TreeSet<>(Set.of(
            "id",
            "tenant",
            "provider",
            "models",
            "dated_models",
            "patterns",
            "from",
            "until",
            "hours_utc",
            "service_tiers",
            "regions",
            "currency",
            "exchange_rate",
            "usd_per_million_tokens",
            "usd_per_unit",
            "per_million_tokens",
            "per_unit",
            "context_tiers",
            "factor",
            "note"));
    private static final Map<String, TokenKind> KINDS =
            Arrays.stream(TokenKind.values()).collect(Collectors.toMap(TokenKind::field, kind -> kind));

    /** From Monday on. */
    static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");

    private final String source;

    /** @param source name of the list, the beginning of an id that is not stated */
    PriceJson(String source) {
        this.source = source;
    }

    Price price(JsonNode entry) {
        entry.fieldNames().forEachRemaining(name -> {
            if (!FIELDS.contains(name)) {
                throw InvalidPriceException.of(name, "an unknown field", String.join(", ", FIELDS));
            }
        });
        String provider = text(entry, "provider");
        String tenant = entry.has("tenant") ? text(entry, "tenant") : "";
        Names names = new Names(texts(entry, "models"), texts(entry, "dated_models"), texts(entry, "patterns"));
        Validity validity = new Validity(
                entry.has("from") ? instant(entry, "from") : Instant.EPOCH,
                entry.has("until") ? instant(entry, "until") : null,
                hours(entry.path("hours_utc")));
        BigDecimal factor = entry.has("factor") ? amount(entry.get("factor"), "factor") : null;
        Set<String> tiers = texts(entry, "service_tiers");
        if (tiers.isEmpty()) {
            tiers = factor == null ? Price.STANDARD_TIERS : Set.of();
        } else if (tiers.contains(Price.ANY)) {
            tiers = Set.of();
        }
        Exchange exchange = exchange(entry);
        boolean usd = exchange.equals(Exchange.USD);
        String id = entry.has("id") ? text(entry, "id") : id(tenant, provider, names, validity, tiers, factor);
        return Price.builder(id, provider, names)
                .tenant(tenant)
                .validity(validity)
                .serviceTiers(tiers)
                .regions(regions(entry.path("regions")))
                .rates(rates(entry, usd))
                .contextTiers(contextTiers(entry.path("context_tiers"), usd))
                .exchange(exchange)
                .factor(factor)
                .provenance(new Provenance(
                        source, Instant.EPOCH, "", entry.path("note").asText()))
                .build();
    }

    private String id(
            String tenant, String provider, Names names, Validity validity, Set<String> tiers, BigDecimal factor) {
        StringBuilder id = new StringBuilder(source).append(':');
        if (!tenant.isEmpty()) {
            id.append(tenant).append('/');
        }
        id.append(provider).append('/').append(names.first());
        if (!validity.from().equals(Instant.EPOCH)) {
            id.append('@').append(validity.from().toString().replace("T00:00:00Z", ""));
        }
        if (!validity.hours().isEmpty()) {
            id.append('+').append(validity.hours().get(0).from());
        }
        if (factor != null) {
            id.append("*factor"); // not its figure: another one is the same price, moved
        }
        if (!tiers.equals(Price.STANDARD_TIERS) && !tiers.isEmpty()) {
            id.append('+').append(tiers.stream().sorted().collect(Collectors.joining("+")));
        }
        return id.toString();
    }

    private static Exchange exchange(JsonNode entry) {
        if (!entry.has("currency")) {
            if (entry.has("exchange_rate")) {
                throw InvalidPriceException.of("exchange_rate", "no currency beside it", "currency and exchange_rate");
            }
            return Exchange.USD;
        }
        String currency = text(entry, "currency");
        if (currency.equals("USD") && !entry.has("exchange_rate")) {
            return Exchange.USD;
        }
        return new Exchange(currency, amount(entry.path("exchange_rate"), "exchange_rate"));
    }

    private static Map<String, BigDecimal> regions(JsonNode regions) {
        Map<String, BigDecimal> factors = new HashMap<>();
        regions.properties()
                .forEach(field -> factors.put(field.getKey(), amount(field.getValue(), "regions." + field.getKey())));
        return factors;
    }

    private static List<ContextTier> contextTiers(JsonNode tiers, boolean usd) {
        if (!tiers.isMissingNode() && !tiers.isArray()) {
            throw new InvalidPriceException("context_tiers", tiers, "a list of tiers");
        }
        List<ContextTier> list = new ArrayList<>();
        for (JsonNode tier : tiers) {
            try {
                list.add(contextTier(tier, usd));
            } catch (InvalidPriceException e) {
                throw e.in("context_tiers[" + list.size() + "]");
            }
        }
        return list;
    }

    private static ContextTier contextTier(JsonNode tier, boolean usd) {
        boolean above = tier.has("above_input_tokens");
        String field = above ? "above_input_tokens" : "from_input_tokens";
        JsonNode edge = tier.path(field);
        if (!edge.isIntegralNumber() || !edge.canConvertToLong() || edge.asLong() < 1 || edge.asLong() > 1L << 50) {
            throw new InvalidPriceException(field, edge, "a whole number above 0");
        }
        Rates rates = rates(tier, usd);
        if (rates.isEmpty() != tier.path("unpriced").asBoolean()) {
            throw InvalidPriceException.of(
                    "unpriced",
                    rates.isEmpty() ? "no rate" : "rates beside it",
                    "rates, or unpriced: true without any");
        }
        return new ContextTier(edge.asLong() + (above ? 1 : 0), rates);
    }

    private static List<DailyHours> hours(JsonNode hours) {
        if (hours.isMissingNode()) {
            return List.of();
        }
        List<DailyHours> list = new ArrayList<>();
        for (JsonNode part : hours.isArray() ? hours : List.of(hours)) {
            list.add(new DailyHours(time(part, "from"), time(part, "until"), days(part.path("days"))));
        }
        return list;
    }

    private static Set<DayOfWeek> days(JsonNode days) {
        Set<DayOfWeek> set = new LinkedHashSet<>();
        for (JsonNode day : days) {
            if (!DAYS.contains(day.asText())) {
                throw new InvalidPriceException("hours_utc.days", day.asText(), String.join(", ", DAYS));
            }
            set.add(DayOfWeek.of(DAYS.indexOf(day.asText()) + 1));
        }
        return set;
    }

    private static LocalTime time(JsonNode part, String field) {
        String text = text(part, field);
        try {
            return LocalTime.parse(text);
        } catch (DateTimeParseException e) {
            throw new InvalidPriceException("hours_utc." + field, text, "a time such as 16:30");
        }
    }

    private static Rates rates(JsonNode entry, boolean usd) {
        for (String field : List.of("usd_per_million_tokens", "usd_per_unit")) {
            if (!usd && entry.has(field)) {
                throw InvalidPriceException.of(field, "a currency that is not USD", field.substring("usd_".length()));
            }
        }
        Map<TokenKind, BigDecimal> tokens = new EnumMap<>(TokenKind.class);
        Map<String, BigDecimal> units = new HashMap<>();
        for (String field : List.of("usd_per_million_tokens", "per_million_tokens")) {
            fields(entry, field).forEach(rate -> {
                TokenKind kind = KINDS.get(rate.getKey());
                if (kind == null) {
                    throw InvalidPriceException.of(
                            field + "." + rate.getKey(),
                            "an unknown kind of token",
                            new TreeSet<>(KINDS.keySet()).toString());
                }
                String at = field + "." + rate.getKey();
                tokens.put(kind, Amounts.perMillion(amount(rate.getValue(), at), at));
            });
        }
        for (String field : List.of("usd_per_unit", "per_unit")) {
            fields(entry, field).forEach(rate -> {
                String at = field + "." + rate.getKey();
                units.put(rate.getKey(), Amounts.perUnit(amount(rate.getValue(), at), at));
            });
        }
        return new Rates(tokens, units);
    }

    private static Set<Map.Entry<String, JsonNode>> fields(JsonNode entry, String field) {
        JsonNode object = entry.path(field);
        if (!object.isMissingNode() && !object.isObject()) {
            throw new InvalidPriceException(field, object, "an object of rates");
        }
        return object.properties();
    }

    private static BigDecimal amount(JsonNode node, String at) {
        String allowed = "a decimal string, such as \"2.50\"";
        if (!node.isTextual() || node.asText().length() > 40) {
            throw new InvalidPriceException(at, node, allowed);
        }
        try {
            return new BigDecimal(node.asText());
        } catch (NumberFormatException e) {
            throw new InvalidPriceException(at, node.asText(), allowed);
        }
    }

    private static Instant instant(JsonNode entry, String field) {
        String text = text(entry, field);
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new InvalidPriceException(field, text, "a UTC time such as 2026-01-01T00:00:00Z");
        }
    }

    private static String text(JsonNode entry, String field) {
        JsonNode node = entry.path(field);
        if (!node.isTextual() || node.asText().isBlank()) {
            throw InvalidPriceException.of(
                    field, node.isMissingNode() ? "nothing" : node.toString(), "a text that is not blank");
        }
        return node.asText();
    }

    private static Set<String> texts(JsonNode entry, String field) {
        JsonNode list = entry.path(field);
        if (!list.isMissingNode() && !list.isArray()) {
            throw new InvalidPriceException(field, list, "a list of names");
        }
        Set<String> texts = new LinkedHashSet<>();
        for (JsonNode node : list) {
            if (!node.isTextual()) {
                throw new InvalidPriceException(field, node, "a list of names");
            }
            texts.add(node.asText());
        }
        return texts;
    }
}
