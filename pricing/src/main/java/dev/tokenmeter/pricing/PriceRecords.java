package dev.tokenmeter.pricing;

import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.PriceHours;
import dev.tokenmeter.schemas.PriceTier;
import dev.tokenmeter.schemas.TokenKind;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** {@link Price} to and from the record in {@code llm.prices.v1}, one to one. */
public final class PriceRecords {
    private static final Map<String, TokenKind> KINDS =
            Arrays.stream(TokenKind.values()).collect(Collectors.toMap(TokenKind::field, Function.identity()));

    private PriceRecords() {}

    /** As it is written to Kafka. */
    public static dev.tokenmeter.schemas.Price toRecord(Price price) {
        boolean usd = price.exchange().equals(Exchange.USD);
        return dev.tokenmeter.schemas.Price.newBuilder()
                .setPriceId(price.id())
                .setTenant(price.tenant())
                .setProvider(price.provider())
                .setModels(sorted(price.names().models()))
                .setDatedModels(sorted(price.names().datedModels()))
                .setPatterns(sorted(price.names().patterns()))
                .setEffectiveFrom(
                        price.validity().from().equals(Instant.EPOCH)
                                ? null
                                : price.validity().from())
                .setEffectiveUntil(price.validity().until())
                .setHours(price.validity().hours().stream()
                        .map(part -> new PriceHours(
                                part.from().toString(),
                                part.until().toString(),
                                part.days().stream()
                                        .map(DayOfWeek::getValue)
                                        .sorted()
                                        .toList()))
                        .toList())
                .setServiceTiers(sorted(price.serviceTiers()))
                .setRegions(atScale(price.regions()))
                .setCurrency(price.exchange().currency())
                .setExchangeRate(usd ? null : Money.exact(price.exchange().usd()))
                .setPerMillionTokens(tokens(price.rates()))
                .setPerUnit(atScale(price.rates().perUnit()))
                .setContextTiers(price.contextTiers().stream()
                        .map(tier -> new PriceTier(
                                tier.fromInputTokens(),
                                tokens(tier.rates()),
                                atScale(tier.rates().perUnit())))
                        .toList())
                .setFactor(price.factor() == null ? null : Money.exact(price.factor()))
                .setSource(price.provenance().source())
                .setRecordedAt(price.provenance().recordedAt())
                .setRecordedBy(price.provenance().recordedBy())
                .setNote(price.provenance().note())
                .build();
    }

    /**
     * As it is used.
     *
     * @throws InvalidPriceException if the record holds what no price may be
     */
    public static Price fromRecord(dev.tokenmeter.schemas.Price entry) {
        Instant from = entry.getEffectiveFrom() == null ? Instant.EPOCH : entry.getEffectiveFrom();
        return Price.builder(
                        entry.getPriceId(),
                        entry.getProvider(),
                        new Names(
                                Set.copyOf(entry.getModels()),
                                Set.copyOf(entry.getDatedModels()),
                                Set.copyOf(entry.getPatterns())))
                .tenant(entry.getTenant())
                .validity(new Validity(
                        from,
                        entry.getEffectiveUntil(),
                        entry.getHours().stream().map(PriceRecords::hours).toList()))
                .serviceTiers(Set.copyOf(entry.getServiceTiers()))
                .regions(entry.getRegions())
                .exchange(
                        entry.getExchangeRate() == null && entry.getCurrency().equals("USD")
                                ? Exchange.USD
                                : new Exchange(entry.getCurrency(), given(entry.getExchangeRate())))
                .rates(rates(entry.getPerMillionTokens(), entry.getPerUnit()))
                .contextTiers(entry.getContextTiers().stream()
                        .map(tier -> new ContextTier(
                                tier.getFromInputTokens(), rates(tier.getPerMillionTokens(), tier.getPerUnit())))
                        .toList())
                .factor(entry.getFactor())
                .provenance(new Provenance(
                        entry.getSource(), entry.getRecordedAt(), entry.getRecordedBy(), entry.getNote()))
                .build();
    }

    private static BigDecimal given(BigDecimal exchangeRate) {
        if (exchangeRate == null) {
            throw InvalidPriceException.of("exchange_rate", "nothing", "USD for one unit of the currency");
        }
        return exchangeRate;
    }

    private static DailyHours hours(PriceHours part) {
        try {
            return new DailyHours(
                    LocalTime.parse(part.getFromTime()),
                    LocalTime.parse(part.getUntilTime()),
                    part.getDays().stream().map(DayOfWeek::of).collect(Collectors.toSet()));
        } catch (DateTimeException e) {
            throw new InvalidPriceException("hours", e.getMessage(), "times such as 16:30, days from 1 to 7");
        }
    }

    private static Rates rates(Map<String, BigDecimal> tokens, Map<String, BigDecimal> units) {
        Map<TokenKind, BigDecimal> kinds = new EnumMap<>(TokenKind.class);
        tokens.forEach((name, rate) -> {
            TokenKind kind = KINDS.get(name);
            if (kind == null) {
                throw new InvalidPriceException("per_million_tokens." + name, name, "one of " + KINDS.keySet());
            }
            kinds.put(kind, rate);
        });
        return new Rates(kinds, units);
    }

    private static Map<String, BigDecimal> tokens(Rates rates) {
        Map<String, BigDecimal> tokens = new HashMap<>();
        rates.perMillionTokens().forEach((kind, rate) -> tokens.put(kind.field(), Money.exact(rate)));
        return tokens;
    }

    private static Map<String, BigDecimal> atScale(Map<String, BigDecimal> amounts) {
        Map<String, BigDecimal> scaled = new HashMap<>();
        amounts.forEach((name, amount) -> scaled.put(name, Money.exact(amount)));
        return scaled;
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }
}
