package dev.tokenmeter.storage.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.storage.clickhouse.ClickHouseForTests;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryExceptionTest {
    @ParameterizedTest
    @CsvSource({
        "Code: 159. DB::Exception: Timeout exceeded: elapsed 30.1 s, true",
        "Code: 241. DB::Exception: Memory limit exceeded, true",
        "Code: 47. DB::Exception: Unknown identifier, false",
        "Connection refused, false",
    })
    void whatWouldBeTooMuchTheNextTimeTooIsToldFromAStoreThatIsAway(String message, boolean tooMuch) {
        assertThat(new QueryException(new SQLException("failed", new SQLException(message))).isTooMuch())
                .isEqualTo(tooMuch);
    }

    @Test
    void theEngineSaysItSo() throws Exception {
        try (ClickHouseForTests db = ClickHouseForTests.migrated()) {
            Rows rows = new Rows(db.clickHouse());
            Sql sql = new Sql()
                    .add("SELECT sum(sipHash64(number)) AS s FROM numbers(1000000000000)"
                            + " SETTINGS max_execution_time = 1, timeout_before_checking_execution_speed = 0");
            assertThatThrownBy(() -> rows.of(sql, row -> row.getLong("s")))
                    .isInstanceOfSatisfying(
                            QueryException.class,
                            e -> assertThat(e.isTooMuch()).as(e.getMessage()).isTrue());
        }
    }
}
