package dev.tokenmeter.schemas.alert;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.Map;
import java.util.regex.MatchResult;

/**
 * A condition on one label. A label that an alert lacks is the empty text. Regular expressions are RE2's, as Alertmanager's
 * are: they match the whole value, in linear time whatever they say.
 *
 * @see <a href="https://prometheus.io/docs/alerting/latest/configuration/#matcher">Alertmanager's matchers</a>
 */
public final class Matcher {
    private static final java.util.regex.Pattern SYNTAX =
            java.util.regex.Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_.-]*)\\s*(=~|!~|!=|=)\\s*(.*?)\\s*");
    private static final String ALLOWED = "name=value, name!=value, name=~regex or name!~regex, such as tenant=acme";
    private static final int MAX_LENGTH = 500;

    private final String label;
    private final String operator;
    private final String value;
    private final Pattern pattern;

    private Matcher(String label, String operator, String value) {
        this.label = label;
        this.operator = operator;
        this.value = value;
        this.pattern = operator.endsWith("~") ? Pattern.compile(value) : null;
    }

    /**
     * Reads {@code tenant="acme"}, quotes optional.
     *
     * @throws IllegalArgumentException if it is none; the message says what is allowed
     */
    public static Matcher parse(String text) {
        java.util.regex.Matcher found = SYNTAX.matcher(text);
        if (text.length() > MAX_LENGTH || !found.matches()) {
            throw new IllegalArgumentException(ALLOWED);
        }
        MatchResult parts = found.toMatchResult();
        try {
            return new Matcher(parts.group(1), parts.group(2), unquoted(parts.group(3)));
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("a regular expression of RE2 (" + e.getDescription() + ")", e);
        }
    }

    /** The label has exactly this value. */
    public static Matcher equal(String label, String value) {
        return new Matcher(label, "=", value);
    }

    private static String unquoted(String text) {
        if (!text.startsWith("\"")) {
            return text;
        }
        if (text.length() < 2 || !text.endsWith("\"")) {
            throw new IllegalArgumentException(ALLOWED + ", quotes closed");
        }
        return text.substring(1, text.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\");
    }

    /** Whether it holds for an alert with these labels. */
    public boolean matches(Map<String, String> labels) {
        String found = labels.getOrDefault(label, "");
        boolean same = pattern == null ? found.equals(value) : pattern.matches(found);
        return same != operator.startsWith("!");
    }

    /** As Alertmanager writes it: {@code tenant="acme"}. */
    @Override
    public String toString() {
        return label + operator + '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
