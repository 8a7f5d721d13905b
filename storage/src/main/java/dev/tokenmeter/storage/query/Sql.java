package dev.tokenmeter.storage.query;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/** A statement under construction: text from this package's constants, values as bound parameters only. */
final class Sql {
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");

    private final StringBuilder text = new StringBuilder();
    private final List<Object> parameters = new ArrayList<>();

    Sql add(String constantText) {
        text.append(constantText);
        return this;
    }

    Sql add(String constantText, String value) {
        return bind(constantText, value);
    }

    Sql add(String constantText, long value) {
        return bind(constantText, value);
    }

    /** Whose question mark becomes a {@code DateTime64(6, 'UTC')}. */
    Sql add(String constantText, Instant value) {
        String micros = MICROS.format(LocalDateTime.ofInstant(value, ZoneOffset.UTC));
        return bind(constantText.replace("?", "toDateTime64(?, 6, 'UTC')"), micros);
    }

    private Sql bind(String constantText, Object value) {
        text.append(constantText);
        parameters.add(value);
        return this;
    }

    PreparedStatement prepare(Connection connection) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(text.toString());
        for (int i = 0; i < parameters.size(); i++) {
            statement.setObject(i + 1, parameters.get(i));
        }
        return statement;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
