package dev.tokenmeter.queryapi.bills;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What can be imported. */
enum BillFormat {
    /** Pages of {@code GET /v1/organization/costs}. */
    OPENAI_COSTS("openai"),
    /** Pages of {@code GET /v1/organization/usage/…}. */
    OPENAI_USAGE("openai"),
    /** Pages of {@code GET /v1/organizations/cost_report}. */
    ANTHROPIC_COST("anthropic"),
    /** Pages of {@code GET /v1/organizations/usage_report/messages}. */
    ANTHROPIC_USAGE("anthropic"),
    /** A table, under a mapping. */
    CSV(null);

    private final String provider;

    BillFormat(String provider) {
        this.provider = provider;
    }

    /** As in the API. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whose format it is; empty for anybody's. */
    Optional<String> provider() {
        return Optional.ofNullable(provider);
    }

    static Optional<BillFormat> named(String label) {
        return Arrays.stream(values())
                .filter(format -> format.label().equals(label))
                .findFirst();
    }

    static List<String> labels() {
        return Arrays.stream(values()).map(BillFormat::label).toList();
    }
}
