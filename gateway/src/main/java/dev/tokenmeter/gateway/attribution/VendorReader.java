package dev.tokenmeter.gateway.attribution;

import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the headers that users of other gateways send already: which become tags, which name the end user, which the
 * trace. What such a gateway allows in a name and ours does not becomes {@code _}. See {@link Vendor} for the sources.
 */
final class VendorReader {
    private static final String HELICONE_PROPERTY = "helicone-property-";
    private static final String BIFROST_DIMENSION = "x-bf-dim-";
    private static final Pattern FOREIGN = Pattern.compile("[^a-z0-9_.-]");
    private static final Pattern BAD_START = Pattern.compile("^[_.-]+");

    private final Set<Vendor> vendors;

    VendorReader(Set<Vendor> vendors) {
        this.vendors = vendors;
    }

    /** Whether a header, in lower case, is meant for a gateway that ours stands in for, and so must not travel on. */
    boolean owns(String header) {
        return Vendor.mayOwn(header) && vendorOf(header) != null;
    }

    private Vendor vendorOf(String header) {
        for (Vendor vendor : vendors) {
            if (vendor.owns(header)) {
                return vendor;
            }
        }
        return null;
    }

    void read(MultiMap headers, CallerAttributes into) throws TagException {
        for (Map.Entry<String, String> header : headers) {
            if (!Vendor.mayOwn(header.getKey())) {
                continue;
            }
            String name = header.getKey().toLowerCase(Locale.ROOT);
            Vendor vendor = header.getValue().isBlank() ? null : vendorOf(name);
            if (vendor != null) {
                read(vendor, name, header.getKey(), header.getValue().strip(), into);
            }
        }
    }

    private static void read(Vendor vendor, String name, String header, String value, CallerAttributes into)
            throws TagException {
        switch (vendor) {
            case LITELLM -> liteLlm(name, header, value, into);
            case HELICONE -> helicone(name, header, value, into);
            case PORTKEY -> portkey(name, header, value, into);
            case BIFROST -> {
                if (name.startsWith(BIFROST_DIMENSION)) {
                    tag(header, name.substring(BIFROST_DIMENSION.length()), value, into);
                }
            }
            case OPENROUTER -> openRouter(name, header, value, into);
            default -> throw new IllegalStateException(vendor + " has no headers");
        }
    }

    private static void liteLlm(String name, String header, String value, CallerAttributes into) throws TagException {
        switch (name) {
            case "x-litellm-tags" -> labels(header, value, into);
            case "x-litellm-spend-logs-metadata" -> json(header, value, into);
            case "x-litellm-end-user-id" -> into.endUser(value);
            default -> {}
        }
    }

    /** LiteLLM's tags are labels without a value, or {@code name:value} by its users' custom. */
    private static void labels(String header, String value, CallerAttributes into) throws TagException {
        for (String label : value.split(",")) {
            String text = label.strip();
            int colon = text.indexOf(':');
            if (colon > 0 && colon < text.length() - 1) {
                tag(header, text.substring(0, colon), text.substring(colon + 1).strip(), into);
            } else if (!text.isEmpty()) {
                tag(header, "litellm." + text, "true", into);
            }
        }
    }

    private static void helicone(String name, String header, String value, CallerAttributes into) throws TagException {
        if (name.startsWith(HELICONE_PROPERTY)) {
            tag(header, name.substring(HELICONE_PROPERTY.length()), value, into);
        } else if (name.equals("helicone-user-id")) {
            into.endUser(value);
        } else if (name.equals("helicone-session-id")) {
            tag(header, "session_id", value, into);
        }
    }

    private static void portkey(String name, String header, String value, CallerAttributes into) throws TagException {
        if (name.equals("x-portkey-metadata")) {
            json(header, value, into);
        } else if (name.equals("x-portkey-trace-id")) {
            into.traceId(value);
        }
    }

    /** The page's address without what may follow it: that is high in number, and may be private. */
    private static void openRouter(String name, String header, String value, CallerAttributes into)
            throws TagException {
        if (name.equals("http-referer")) {
            tag(header, "app_url", value.replaceFirst("[?#].*$", ""), into);
        } else {
            tag(header, "app_title", value, into);
        }
    }

    private static void json(String header, String value, CallerAttributes into) throws TagException {
        Map<String, String> entries;
        try {
            entries = TagJson.read(header, value, false);
        } catch (TagException e) {
            into.invalid(e.getMessage());
            return;
        }
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            if (entry.getKey().equals("_user")) {
                into.endUser(entry.getValue());
            } else if (!entry.getValue().isBlank()) {
                tag(header, entry.getKey(), entry.getValue(), into);
            }
        }
    }

    private static void tag(String header, String name, String value, CallerAttributes into) throws TagException {
        into.tag("header " + header, cleaned(name), value);
    }

    /** A tag's name made of another gateway's; {@code _environment} becomes {@code environment}. */
    static String cleaned(String name) {
        String known = FOREIGN.matcher(name.strip().toLowerCase(Locale.ROOT)).replaceAll("_");
        return BAD_START.matcher(known).replaceFirst("");
    }
}
