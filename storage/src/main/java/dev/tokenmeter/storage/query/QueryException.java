package dev.tokenmeter.storage.query;

import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * ClickHouse did not answer, or would not.
 *
 * @see <a href="https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp">ClickHouse's error codes</a>
 */
public final class QueryException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Pattern CODE = Pattern.compile("Code: ([0-9]{1,4})\\.");

    QueryException(SQLException cause) {
        super(String.valueOf(cause.getMessage()).lines().findFirst().orElse(""), cause);
    }

    /** Whether the question takes more time or memory than there is, and would the next time. */
    public boolean isTooMuch() {
        for (Throwable cause = getCause(); cause != null; cause = cause.getCause()) {
            Matcher code = CODE.matcher(String.valueOf(cause.getMessage()));
            if (code.find()) {
                return switch (Integer.parseInt(code.group(1))) {
                    case 158, 159, 160, 241, 307, 396 -> true; // rows, time, speed, memory, bytes, rows or bytes
                    default -> false;
                };
            }
        }
        return false;
    }
}
