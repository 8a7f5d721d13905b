package dev.tokenmeter.embedded.clickhouse;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A refusal by the engine, or by the front in its name, with ClickHouse's own error code. */
final class ChdbException extends RuntimeException {
    static final int UNKNOWN_TABLE = 60;
    static final int SYNTAX_ERROR = 62;
    static final int NOT_IMPLEMENTED = 48;
    static final int UNKNOWN_DATABASE = 81;
    static final int TIMEOUT_EXCEEDED = 159;
    static final int TOO_MANY_SIMULTANEOUS_QUERIES = 202;
    static final int QUERY_WAS_CANCELLED = 394;
    static final int AUTHENTICATION_FAILED = 516;
    static final int UNKNOWN_EXCEPTION = 1002;

    private static final Pattern CODE = Pattern.compile("Code: (\\d+)");

    private final int code;

    /** An error as the engine words it. */
    ChdbException(String engineMessage) {
        super(engineMessage);
        Matcher matcher = CODE.matcher(engineMessage);
        this.code = matcher.find() ? Integer.parseInt(matcher.group(1)) : UNKNOWN_EXCEPTION;
    }

    /** An error of the front, worded as the engine would. */
    ChdbException(int code, String message) {
        super("Code: %d. DB::Exception: %s".formatted(code, message));
        this.code = code;
    }

    int code() {
        return code;
    }

    /** The HTTP status with which ClickHouse answers this error. */
    int httpStatus() {
        return switch (code) {
            case UNKNOWN_TABLE, UNKNOWN_DATABASE -> 404;
            case AUTHENTICATION_FAILED -> 403;
            case NOT_IMPLEMENTED -> 501;
            case TOO_MANY_SIMULTANEOUS_QUERIES -> 503;
            // Syntax, unknown identifiers, types, functions, values that do not parse: the request is at fault.
            case 6, 26, 27, 36, 38, 41, 46, 47, 53, 62, 69, 70, 72, 115, 117, 130, 271, 386, 456, 457 -> 400;
            default -> 500;
        };
    }
}
