package dev.tokenmeter.embedded.clickhouse;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Brings a fresh session into the state that a request asks for. */
final class SessionSettings {
    /** Would change what a statement means; to ignore them would be to answer another question. */
    private static final Set<String> NOT_SUPPORTED = Set.of("session_id", "role");

    /** Of no meaning without a session. */
    private static final Set<String> IGNORED = Set.of("session_timeout", "session_check");

    /** A result in a format that cannot be streamed is held in memory, in the engine and here. */
    private static final int MAX_HELD_RESULT_BYTES = 256 << 20;

    private SessionSettings() {}

    /** Makes the engine refuse a result that would not fit, rather than die of it. */
    static void boundResult(ChdbSession session) {
        session.execute("SET max_result_bytes = " + MAX_HELD_RESULT_BYTES + ", result_overflow_mode = 'throw'");
    }

    static void apply(ChdbSession session, HttpQuery query) {
        if (query.database() != null) {
            session.execute("USE " + identifier(query.database()));
        }
        Map<String, String> settings = query.settings();
        for (String name : settings.keySet()) {
            if (NOT_SUPPORTED.contains(name)) {
                throw new ChdbException(
                        ChdbException.NOT_IMPLEMENTED, name + " is not supported by the embedded ClickHouse engine");
            }
        }
        settings.keySet().removeAll(IGNORED);
        if (!settings.isEmpty()) {
            session.execute(settings.entrySet().stream()
                    .map(setting -> identifier(setting.getKey()) + " = " + literal(setting.getValue()))
                    .collect(Collectors.joining(", ", "SET ", "")));
        }
    }

    private static String identifier(String name) {
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`";
    }

    private static String literal(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
