package dev.tokenmeter.embedded.clickhouse;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * As much of ClickHouse's syntax as is needed to tell an insert's data from the statement before it: words outside
 * parentheses, quotes and comments. Works on bytes, as what follows {@code FORMAT RowBinary} is no text.
 *
 * @param kind how to run it
 * @param statementEnd where the statement ends and its {@code FORMAT} or {@code VALUES} begins; all of it if neither is
 *     there
 * @param format the format that the text names, {@code Values} for {@code VALUES}; null if it names none
 * @param dataStart where the inline data begins
 */
record SqlScan(StatementKind kind, int statementEnd, String format, int dataStart) {

    static SqlScan of(byte[] sql) {
        return new Scanner(sql).scan();
    }

    private static final class Scanner {
        private final byte[] text;
        private int at;
        private int depth;

        Scanner(byte[] text) {
            this.text = text;
        }

        SqlScan scan() {
            String first = nextWord();
            return switch (first) {
                case "INSERT" -> insert();
                case "SELECT", "WITH" -> select();
                default -> whole(StatementKind.OTHER, null);
            };
        }

        private SqlScan insert() {
            for (String word = nextWord(); !word.isEmpty(); word = nextWord()) {
                int wordStart = at - word.length();
                switch (word) {
                    case "SELECT", "WITH", "WATCH", "INFILE" -> {
                        return whole(StatementKind.OTHER, null);
                    }
                    case "VALUES" -> {
                        return new SqlScan(StatementKind.INSERT_WITH_DATA, wordStart, "Values", at);
                    }
                    case "FORMAT" -> {
                        String format = name();
                        skipLineEnd();
                        return new SqlScan(StatementKind.INSERT_WITH_DATA, wordStart, format, at);
                    }
                    default -> {
                        continue;
                    }
                }
            }
            return whole(StatementKind.INSERT_WITHOUT_FORMAT, null);
        }

        private SqlScan select() {
            String format = null;
            for (String word = nextWord(); !word.isEmpty(); word = nextWord()) {
                if (word.equals("FORMAT")) {
                    int before = at;
                    String name = name();
                    // "format(…)" is a function.
                    if (name.isEmpty()) {
                        at = before;
                    } else {
                        format = name;
                    }
                } else if (word.equals("INSERT") || word.equals("OUTFILE")) {
                    return whole(StatementKind.OTHER, format);
                }
            }
            return whole(StatementKind.SELECT, format);
        }

        private SqlScan whole(StatementKind kind, String format) {
            return new SqlScan(kind, text.length, format, text.length);
        }

        /** The next word outside parentheses, in upper case; empty at the end. */
        private String nextWord() {
            while (at < text.length) {
                int c = text[at];
                if (isComment()) {
                    skipComment();
                } else if (c == '\'' || c == '"' || c == '`') {
                    skipQuoted(c);
                } else if (isWordPart(c)) {
                    String word = word();
                    if (depth == 0 && !Character.isDigit(word.charAt(0))) {
                        return word.toUpperCase(Locale.ROOT);
                    }
                } else {
                    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
                    at++;
                }
            }
            return "";
        }

        private boolean isComment() {
            return at + 1 < text.length
                    && (text[at] == '-' && text[at + 1] == '-' || text[at] == '/' && text[at + 1] == '*');
        }

        private void skipComment() {
            boolean line = text[at] == '-';
            at += 2;
            while (at < text.length && !(line ? text[at] == '\n' : text[at - 1] == '*' && text[at] == '/')) {
                at++;
            }
            at = Math.min(text.length, at + 1);
        }

        private void skipQuoted(int quote) {
            at++;
            while (at < text.length && text[at] != quote) {
                at += text[at] == '\\' ? 2 : 1;
            }
            at = Math.min(text.length, at + 1);
        }

        private String name() {
            while (at < text.length && isBlank(text[at])) {
                at++;
            }
            return word();
        }

        private String word() {
            int start = at;
            while (at < text.length && isWordPart(text[at])) {
                at++;
            }
            return new String(text, start, at - start, StandardCharsets.ISO_8859_1);
        }

        /** Data begins after one line end; a second one is data. */
        private void skipLineEnd() {
            while (at < text.length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r')) {
                at++;
            }
            if (at < text.length && text[at] == ';') {
                at++;
            }
            if (at < text.length && text[at] == '\n') {
                at++;
            }
        }

        private static boolean isBlank(int c) {
            return c == ' ' || c == '\t' || c == '\r' || c == '\n';
        }

        private static boolean isWordPart(int c) {
            return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
        }
    }
}
