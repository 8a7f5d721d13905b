package dev.tokenmeter.gateway.attribution;

import dev.tokenmeter.schemas.TagRules;
import java.util.Map;
import java.util.TreeMap;

/** What a caller says of one call, within the limits. Of several words on the same thing the first counts. */
final class CallerAttributes {
    /** What becomes of a tag that cannot be used. */
    @FunctionalInterface
    interface WhenInvalid {
        void found(String message) throws TagException;
    }

    private final TagRules limits;
    private final WhenInvalid whenInvalid;
    private final Map<String, String> tags;
    private String endUser;
    private String traceId;

    /** @param tags those that the call has already; copied */
    CallerAttributes(TagRules limits, Map<String, String> tags, WhenInvalid whenInvalid) {
        this.limits = limits;
        this.tags = new TreeMap<>(tags);
        this.whenInvalid = whenInvalid;
    }

    /** @param source where it stands, for messages, such as {@code header X-Tokenmeter-Tags} */
    void tag(String source, String name, String value) throws TagException {
        String problem = limits.problem(name, value);
        if (problem != null) {
            invalid(source + ": " + problem);
        } else if (!tags.containsKey(name) && tags.size() >= limits.maxCount()) {
            invalid(source + ": tag '" + name + "' is one too many; allowed: at most " + limits.maxCount() + " a call");
        } else {
            tags.putIfAbsent(name, value);
        }
    }

    void invalid(String message) throws TagException {
        whenInvalid.found(message);
    }

    /** Null and blank say nothing. */
    void endUser(String name) {
        endUser = endUser == null && isGiven(name) ? name : endUser;
    }

    /** Null, blank and what is no id of sensible length say nothing. */
    void traceId(String id) {
        boolean usable = isGiven(id) && id.length() <= limits.maxValueLength() && !TagRules.hasControl(id);
        traceId = traceId == null && usable ? id : traceId;
    }

    private static boolean isGiven(String text) {
        return text != null && !text.isBlank();
    }

    Map<String, String> tags() {
        return tags;
    }

    /** Null when it was not given. */
    String endUser() {
        return endUser;
    }

    /** Null when it was not given. */
    String traceId() {
        return traceId;
    }
}
