package dev.tokenmeter.pricing.lists;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.pricing.DailyHours;
import dev.tokenmeter.pricing.InvalidPriceException;
import dev.tokenmeter.pricing.Names;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBuilder;
import dev.tokenmeter.pricing.Provenance;
import dev.tokenmeter.pricing.Validity;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * genai-prices' {@code data.json}: an array of providers with their models, USD per million, tiers, dates and hours
 * (<a href="https://github.com/pydantic/genai-prices/blob/main/prices/README.md">format</a>).
 */
final class GenaiPricesList {
    private static final Map<String, String> PROVIDERS = Map.of(
            "google",
            "gemini",
            "x-ai",
            "xai",
            "aws",
            "bedrock",
            "fireworks",
            "fireworks_ai",
            "together",
            "together_ai");

    private static final Map<String, TokenKind> TOKENS = Map.of(
            "input_mtok", TokenKind.UNCACHED_INPUT,
            "cache_read_mtok", TokenKind.CACHE_READ_INPUT,
            "cache_write_mtok", TokenKind.CACHE_WRITE_5M_INPUT,
            "cache_write_1h_mtok", TokenKind.CACHE_WRITE_1H_INPUT,
            "output_mtok", TokenKind.TEXT_OUTPUT,
            "output_reasoning_mtok", TokenKind.REASONING_OUTPUT,
            "input_audio_mtok", TokenKind.AUDIO_INPUT,
            "output_audio_mtok", TokenKind.AUDIO_OUTPUT,
            "input_image_mtok", TokenKind.IMAGE_INPUT,
            "output_image_mtok", TokenKind.IMAGE_OUTPUT);

    /** By our names, and how many of them a figure is for. */
    private static final Map<String, LiteLlmKey.Unit> UNITS = Map.of(
            "input_document_kpages", new LiteLlmKey.Unit("pages", 1_000),
            "cache_audio_read_mtok", new LiteLlmKey.Unit("cache_read_audio_tokens", 1_000_000),
            "cache_image_read_mtok", new LiteLlmKey.Unit("cache_read_image_tokens", 1_000_000),
            "web_searches_kcount", new LiteLlmKey.Unit("web_search_requests", 1_000),
            "storage_searches_kcount", new LiteLlmKey.Unit("file_search_requests", 1_000),
            "requests_kcount", new LiteLlmKey.Unit("requests", 1_000),
            "audio_hours", new LiteLlmKey.Unit("seconds", 3_600),
            "input_audio_hours", new LiteLlmKey.Unit("seconds", 3_600));

    private final String source;
    private final PriceListBuilder list;

    GenaiPricesList(String source, PriceListBuilder list) {
        this.source = source;
        this.list = list;
    }

    void read(JsonNode root) {
        for (JsonNode provider : root) {
            String id = provider.path("id").asText();
            String name = PROVIDERS.getOrDefault(id, id);
            for (JsonNode model : provider.path("models")) {
                String entry = id + "/" + model.path("id").asText();
                try {
                    readModel(entry, name, model);
                } catch (InvalidPriceException | DateTimeException e) {
                    list.leaveOut(entry, e.getMessage());
                }
            }
        }
    }

    private void readModel(String entry, String provider, JsonNode model) {
        Names names = MatchNames.of(model.path("match"));
        if (names == null) {
            list.leaveOut(entry, "its rule spells out no name");
            return;
        }
        List<JsonNode> prices = new ArrayList<>();
        if (model.path("prices").isArray()) {
            model.path("prices").forEach(prices::add);
        }
        List<Price> made = new ArrayList<>();
        String latest = null;
        if (prices.isEmpty()) {
            add(made, entry, provider, names, model.path("prices"), Validity.ALWAYS);
        }
        for (int i = 0; i < prices.size(); i++) {
            JsonNode constraint = prices.get(i).path("constraint");
            boolean hours = constraint.path("type").asText().equals("time_of_date");
            // Hours of the day came in with the last dated price: the list cannot say both on one entry.
            String from = hours ? latest : constraint.path("start_date").asText(null);
            latest = from == null ? latest : from;
            Validity validity = new Validity(
                    from == null ? Instant.EPOCH : midnight(from),
                    next(prices, from),
                    hours ? List.of(hours(constraint)) : List.of());
            add(made, entry, provider, names, prices.get(i).path("prices"), validity);
        }
        made.forEach(price -> list.add(entry, ProviderFacts.completed(price)));
    }

    private void add(List<Price> made, String entry, String provider, Names names, JsonNode rates, Validity validity) {
        RateTable table = new RateTable();
        Digits digits = new Digits();
        boolean free = true;
        for (Map.Entry<String, JsonNode> rate : rates.properties()) {
            free &= rate.getValue().isNumber() && rate.getValue().decimalValue().signum() == 0;
            read(rate.getKey(), rate.getValue(), rates, table, digits);
        }
        if (table.isEmpty()) {
            throw new InvalidPriceException("prices", rates, "at least one rate for what events count");
        }
        if (free && !names.first().endsWith(":free")) {
            throw new InvalidPriceException(
                    "prices", "zeros", "a rate above zero: whether it is free or unknown is not said");
        }
        if (digits.rounded()) {
            list.remark(entry, "a rate had more digits than fit and was brought to them, half to even");
        }
        String id = source + ":" + provider + "/" + names.first()
                + (validity.from().equals(Instant.EPOCH) ? "" : "@" + day(validity.from()))
                + (validity.hours().isEmpty()
                        ? ""
                        : "+" + validity.hours().get(0).from());
        PriceBuilder price = Price.builder(id, provider, names)
                .validity(validity)
                .rates(table.base())
                .contextTiers(table.contextTiers())
                .provenance(Provenance.of(source));
        made.add(price.build());
    }

    private static void read(String key, JsonNode value, JsonNode rates, RateTable table, Digits digits) {
        TokenKind kind = TOKENS.get(key);
        LiteLlmKey.Unit unit = UNITS.get(key);
        if (kind != null) {
            table.put(0, kind, digits.perMillion(base(value), 1_000_000, key));
            for (JsonNode tier : value.path("tiers")) {
                table.put(edge(tier), kind, digits.perMillion(tier.path("price"), 1_000_000, key));
            }
        } else if (unit != null) {
            table.put(0, unit.name(), digits.perUnit(base(value), unit.per(), key));
        } else if (key.contains("_video_")) {
            BigDecimal text = base(rates.path(key.replace("_video_", "_"))).decimalValue();
            if (base(value).decimalValue().compareTo(text) != 0) {
                throw new InvalidPriceException(key, value, "the rate of text, as events do not count video apart");
            }
        } else if (!key.equals("input_annotated_document_kpages")) {
            throw new InvalidPriceException(key, value, "a measure that events count");
        }
    }

    private static JsonNode base(JsonNode value) {
        return value.isObject() ? value.path("base") : value;
    }

    private static long edge(JsonNode tier) {
        JsonNode start = tier.path("start");
        if (!start.isNumber() || start.asLong() < 1 || start.asLong() > 1L << 40) {
            throw new InvalidPriceException("tiers.start", start, "a number of tokens");
        }
        return start.asLong();
    }

    private static Instant next(List<JsonNode> prices, String from) {
        return prices.stream()
                .map(price -> price.path("constraint").path("start_date").asText(""))
                .filter(date -> !date.isEmpty() && date.compareTo(from == null ? "" : from) > 0)
                .sorted()
                .findFirst()
                .map(GenaiPricesList::midnight)
                .orElse(null);
    }

    private static Instant midnight(String date) {
        return LocalDate.parse(date).atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private static String day(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }

    private static DailyHours hours(JsonNode constraint) {
        return new DailyHours(time(constraint, "start_time"), time(constraint, "end_time"));
    }

    private static LocalTime time(JsonNode constraint, String field) {
        String text = constraint.path(field).asText();
        if (!text.endsWith("Z")) {
            throw new InvalidPriceException("constraint." + field, text, "a UTC time such as 16:30:00Z");
        }
        return LocalTime.parse(text.substring(0, text.length() - 1));
    }
}
