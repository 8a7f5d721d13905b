package dev.tokenmeter.schemas;

/**
 * What a tag may be called and hold, wherever a call comes from: tags become dimensions of every rollup.
 *
 * @param maxCount tags a call
 * @param maxNameLength characters of a name
 * @param maxValueLength characters of a value
 */
public record TagRules(int maxCount, int maxNameLength, int maxValueLength) {
    /** Without any setting. */
    public static final TagRules DEFAULT = new TagRules(16, 64, 256);

    /** What is wrong with the tag and what is allowed, to stand behind where it was found; null if nothing is. */
    public String problem(String name, String value) {
        if (!isName(name) || name.length() > maxNameLength) {
            return "a tag's name is not allowed; allowed: 1 to " + maxNameLength
                    + " letters, digits, '_', '.', '-', beginning with a letter or digit";
        } else if (value.isBlank() || value.length() > maxValueLength || hasControl(value)) {
            return "tag '" + name + "' has a value of " + value.length() + " characters; allowed: 1 to "
                    + maxValueLength + ", not blank, no control characters";
        }
        return null;
    }

    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letterOrDigit = c >= 'a' && c <= 'z' || c >= '0' && c <= '9';
            if (!letterOrDigit && (i == 0 || c != '_' && c != '.' && c != '-')) {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /** Whether there is a control character in the text. */
    public static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }
}
