package dev.tokenmeter.queryapi.bills;

/** Names of what exports are about, as they stand in {@code ProviderBill.report}. */
public final class Reports {
    /** Money. */
    public static final String COSTS = "costs";

    /** Begins the names of those that count, one for each kind of call that a provider reports by itself. */
    public static final String USAGE = "usage.";

    /** Usage of all kinds of calls. */
    public static final String ALL_USAGE = USAGE + "all";

    private Reports() {}
}
