package dev.tokenmeter.pricing.lists;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tokenmeter.pricing.ContextTier;
import dev.tokenmeter.pricing.DailyHours;
import dev.tokenmeter.pricing.InvalidPriceException;
import dev.tokenmeter.pricing.Names;
import dev.tokenmeter.pricing.Price;
import dev.tokenmeter.pricing.PriceBuilder;
import dev.tokenmeter.pricing.Provenance;
import dev.tokenmeter.pricing.Rates;
import dev.tokenmeter.pricing.Validity;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One model of LiteLLM's list: its rates by service tier. */
final class LiteLlmModel {
    private static final String STANDARD = "";

    private final String source;
    private final String provider;
    private final String name;
    private final PriceListBuilder list;
    private final Digits digits = new Digits();
    private final Map<String, RateTable> tiers = new TreeMap<>();
    private final Set<String> ignored = new TreeSet<>();

    LiteLlmModel(String source, String provider, String name, PriceListBuilder list) {
        this.source = source;
        this.provider = provider;
        this.name = name;
        this.list = list;
    }

    String fullName() {
        return provider + "/" + name;
    }

    /**
     * @param talks whether zero for input or output makes it useless
     * @param images what images of a size and quality cost; null where that is not listed
     */
    void add(String key, JsonNode entry, boolean talks, RateTable images) {
        if (entry.path("off_peak_pricing").has("weekday_timezone")) {
            list.leaveOut(key, "hours by weekdays of another time zone");
            return;
        }
        entry.properties().forEach(field -> {
            if (LiteLlmKey.isRate(field.getKey())) {
                readRate(field.getKey(), field.getValue(), entry);
            }
        });
        RateTable standard = table(STANDARD);
        addRanges(entry.path("tiered_pricing"), standard);
        if (images != null) {
            images.units(0).forEach((unit, rate) -> standard.put(0, unit, rate));
        }
        if (standard.isEmpty()) {
            list.leaveOut(key, "billed by what events do not count: " + String.join(", ", ignored));
            return;
        }
        if (talks && halfFree(standard)) {
            list.leaveOut(key, "zero for input or output: free, or not known");
            return;
        }
        if (!ignored.isEmpty()) {
            list.remark(key, "not taken: " + String.join(", ", ignored));
        }
        Map<String, BigDecimal> regions = regions(entry);
        tiers.forEach((tier, rates) -> addTier(key, tier, rates, regions));
        addOffPeak(key, entry.path("off_peak_pricing"), regions);
        if (digits.rounded()) {
            list.remark(key, "a rate had more digits than fit and was brought to them, half to even");
        }
    }

    /** A model that is listed by its images' sizes and qualities alone. */
    void addVariants(RateTable images) {
        String id = id(STANDARD);
        list(id, builder(id).rates(images.base()).build());
    }

    private RateTable table(String tier) {
        return tiers.computeIfAbsent(tier, k -> new RateTable());
    }

    private void readRate(String key, JsonNode value, JsonNode entry) {
        LiteLlmKey parts = LiteLlmKey.of(key);
        TokenKind kind = LiteLlmKey.TOKENS.get(parts.base());
        LiteLlmKey.Unit unit = LiteLlmKey.UNITS.get(parts.base());
        if (kind != null) {
            table(parts.tier()).put(parts.aboveTokens(), kind, digits.perMillion(value, 1, key));
        } else if (unit != null) {
            if (value.isNumber() && value.decimalValue().signum() > 0) {
                table(parts.tier()).put(parts.aboveTokens(), unit.name(), digits.perUnit(value, unit.per(), key));
            }
        } else if (key.equals("search_context_cost_per_query")) {
            readSearches(value);
        } else if (key.endsWith("put_cost_per_second")) {
            readSeconds(entry);
        } else if (key.endsWith("_cost_per_video_token")) {
            requireAsText(key, value, entry);
        } else if (!isExplained(key)) {
            ignored.add(key);
        }
    }

    /** Repeats another key, or is read elsewhere. */
    private static boolean isExplained(String key) {
        return Set.of("tiered_pricing", "off_peak_pricing", "input_cost_per_token_cache_hit")
                .contains(key);
    }

    /** Searches cost the same whatever their context size, or their size is part of the unit's name. */
    private void readSearches(JsonNode bySize) {
        Map<String, BigDecimal> costs = new HashMap<>();
        bySize.properties().forEach(field -> {
            BigDecimal cost = digits.perUnit(field.getValue(), 1, "search_context_cost_per_query." + field.getKey());
            if (cost.signum() > 0) {
                costs.put(field.getKey().replace("search_context_size_", ""), cost);
            }
        });
        boolean same = Set.copyOf(costs.values()).size() == 1;
        costs.forEach((size, cost) ->
                table(STANDARD).put(0, same ? "web_search_requests" : "web_search_requests:" + size, cost));
    }

    /** Seconds of audio, where that is the only measure; beside a rate for tokens it is an estimate of the same. */
    private void readSeconds(JsonNode entry) {
        if (entry.has("input_cost_per_token")) {
            return;
        }
        JsonNode in = entry.path("input_cost_per_second");
        JsonNode cost = in.isNumber() && in.asDouble() > 0 ? in : entry.path("output_cost_per_second");
        if (cost.isNumber() && cost.asDouble() > 0) {
            table(STANDARD).put(0, "seconds", digits.perUnit(cost, 1, "input_cost_per_second"));
        }
    }

    /** Events count video tokens as text; that is right as long as they cost the same. */
    private static void requireAsText(String key, JsonNode value, JsonNode entry) {
        JsonNode text = entry.path(key.replace("_video_token", "_token"));
        if (!text.isNumber() || text.decimalValue().compareTo(value.decimalValue()) != 0) {
            throw new InvalidPriceException(key, value, "the rate of text, as events do not count video apart");
        }
    }

    private void addRanges(JsonNode ranges, RateTable standard) {
        for (JsonNode range : ranges) {
            JsonNode start = range.path("range").path(0);
            if (!start.isNumber() || start.asLong() < 0 || start.asLong() > 1L << 40) {
                throw new InvalidPriceException("tiered_pricing.range", range.path("range"), "two numbers of tokens");
            }
            range.properties().forEach(field -> {
                TokenKind kind = LiteLlmKey.TOKENS.get(field.getKey());
                if (kind != null) {
                    standard.put(start.asLong(), kind, digits.perMillion(field.getValue(), 1, field.getKey()));
                }
            });
        }
    }

    private static boolean halfFree(RateTable rates) {
        Map<TokenKind, BigDecimal> base = rates.tokens(0);
        return base.entrySet().stream()
                .anyMatch(rate ->
                        LiteLlmList.isMain(rate.getKey()) && rate.getValue().signum() == 0);
    }

    /** What the provider adds for keeping data in a region; elsewhere ("global") nothing is added. */
    private static Map<String, BigDecimal> regions(JsonNode entry) {
        Map<String, BigDecimal> regions = new HashMap<>();
        for (String region : List.of("us", "eu")) {
            JsonNode factor = entry.has("regional_processing_uplift_multiplier_" + region)
                    ? entry.get("regional_processing_uplift_multiplier_" + region)
                    : entry.path("provider_specific_entry").path(region);
            if (factor.isNumber()) {
                regions.put(region, factor.decimalValue());
            }
        }
        if (!regions.isEmpty()) {
            regions.put("global", BigDecimal.ONE);
        }
        return regions;
    }

    private void addTier(String key, String tier, RateTable rates, Map<String, BigDecimal> regions) {
        RateTable standard = table(STANDARD);
        if (!tier.equals(STANDARD)) {
            if (rates.tokens(0).isEmpty()) {
                return;
            }
            // Tools cost the same in every tier.
            standard.units(0).forEach((unit, rate) -> {
                if (!rates.units(0).containsKey(unit) && isTool(unit)) {
                    rates.put(0, unit, rate);
                }
            });
        }
        List<ContextTier> context = new ArrayList<>(rates.contextTiers());
        // Where only the standard tier has a price for long inputs, none is known for this one.
        for (long edge : standard.edges()) {
            if (!tier.equals(STANDARD) && !rates.edges().contains(edge)) {
                context.add(new ContextTier(edge + 1, Rates.NONE));
            }
        }
        String id = id(tier);
        PriceBuilder price =
                builder(id).rates(rates.base()).contextTiers(context).regions(regions);
        list(key, (tier.equals(STANDARD) ? price : price.serviceTiers(Set.of(tier))).build());
    }

    private static boolean isTool(String unit) {
        return !unit.startsWith("cache_read") && !unit.startsWith("images");
    }

    private void addOffPeak(String key, JsonNode offPeak, Map<String, BigDecimal> regions) {
        if (offPeak.isMissingNode()) {
            return;
        }
        RateTable rates = new RateTable();
        standardRates().forEach((kind, rate) -> rates.put(0, kind, rate));
        offPeak.properties().forEach(field -> {
            TokenKind kind = LiteLlmKey.TOKENS.get(field.getKey());
            if (kind != null) {
                rates.put(0, kind, digits.perMillion(field.getValue(), 1, field.getKey()));
            }
        });
        List<DailyHours> hours = OffPeakHours.of(offPeak.path("windows"));
        if (hours.isEmpty()) {
            throw new InvalidPriceException("off_peak_pricing.windows", offPeak.path("windows"), "parts of the day");
        }
        String id = id("off-peak");
        list(
                key,
                builder(id)
                        .rates(rates.base())
                        .validity(new Validity(Instant.EPOCH, null, hours))
                        .regions(regions)
                        .build());
    }

    private void list(String entry, Price price) {
        list.add(entry, ProviderFacts.completed(price));
    }

    private Map<TokenKind, BigDecimal> standardRates() {
        return table(STANDARD).tokens(0);
    }

    private String id(String suffix) {
        return source + ":" + provider + "/" + name + (suffix.isEmpty() ? "" : "+" + suffix);
    }

    private PriceBuilder builder(String id) {
        return Price.builder(id, provider, Names.exactly(name)).provenance(Provenance.of(source));
    }
}
