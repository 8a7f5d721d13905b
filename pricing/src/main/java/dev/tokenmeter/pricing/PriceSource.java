package dev.tokenmeter.pricing;

/** Where prices come from, the one that is asked first standing first. A tenant's own prices of any source come before all. */
public enum PriceSource {
    /** The operator's file. */
    FILE,
    /** What operators set through the API. */
    API,
    /** Lists that are polled. */
    UPDATE,
    /** What comes with Tokenmeter. */
    SHIPPED
}
