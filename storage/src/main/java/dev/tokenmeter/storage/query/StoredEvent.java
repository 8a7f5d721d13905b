package dev.tokenmeter.storage.query;

import dev.tokenmeter.schemas.UsageEvent;
import java.sql.ResultSet;
import java.sql.SQLException;

/** A row of {@code usage_events} as the event that it was made of. */
final class StoredEvent {
    private static final RecordColumns FIELDS = new RecordColumns(UsageEvent.getClassSchema());

    /** What {@link #read} wants to find first, in this order. */
    static final String COLUMNS = FIELDS.names();

    /** How many they are. */
    static final int COUNT = FIELDS.count();

    private StoredEvent() {}

    static UsageEvent read(ResultSet row) throws SQLException {
        return FIELDS.read(row, new UsageEvent());
    }
}
