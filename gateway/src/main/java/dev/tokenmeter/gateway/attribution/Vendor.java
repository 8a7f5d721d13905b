package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Whose way of naming tags and end users the gateway understands besides its own, so that moving here is a new URL. */
public enum Vendor {
    /** <a href="https://docs.litellm.ai/docs/proxy/request_headers">LiteLLM's request headers</a>. */
    LITELLM("x-litellm-"),
    /** <a href="https://docs.helicone.ai/helicone-headers/header-directory">Helicone's header directory</a>. */
    HELICONE("helicone-"),
    /** <a href="https://portkey.ai/docs/api-reference/inference-api/headers">Portkey's headers</a>. */
    PORTKEY("x-portkey-"),
    /** <a href="https://docs.getbifrost.ai">Bifrost's headers</a>. */
    BIFROST("x-bf-"),
    /** <a href="https://openrouter.ai/docs/app-attribution">OpenRouter's app attribution</a>. */
    OPENROUTER("http-referer", "x-title"),
    /** The providers' own fields in a request's body: {@code metadata}, {@code user}, {@code safety_identifier}. */
    BODY;

    private static final String SETTING = "gateway.attribution.vendors";
    private static final String NONE = "none";

    private final String[] headers;

    Vendor(String... headers) {
        this.headers = headers.clone();
    }

    /** Quickly, for headers in any case: false for most of those that no vendor owns. */
    static boolean mayOwn(String header) {
        char first = header.isEmpty() ? ' ' : header.charAt(0);
        return first == 'x' || first == 'h' || first == 'X' || first == 'H';
    }

    /** Whether a header, in lower case, is one of the vendor's own; secrets for its service may be among them. */
    boolean owns(String header) {
        for (String name : headers) {
            if (name.endsWith("-") ? header.startsWith(name) : header.equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Reads {@code gateway.attribution.vendors}: all of them where nothing is set. */
    static Set<Vendor> allFrom(Settings settings) {
        List<String> names = settings.list(SETTING);
        if (names.isEmpty()) {
            return EnumSet.allOf(Vendor.class);
        }
        Set<Vendor> vendors = EnumSet.noneOf(Vendor.class);
        for (String name : names) {
            if (!name.strip().equals(NONE) || names.size() > 1) {
                vendors.add(named(name.strip()));
            }
        }
        return vendors;
    }

    private static Vendor named(String name) {
        return Arrays.stream(values())
                .filter(vendor -> vendor.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new SettingException(
                        SETTING,
                        "found '" + name + "'",
                        "none, or any of "
                                + Arrays.stream(values()).map(Vendor::label).collect(Collectors.joining(", "))));
    }

    private String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
