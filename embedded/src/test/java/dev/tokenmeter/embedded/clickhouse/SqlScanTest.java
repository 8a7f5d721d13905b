package dev.tokenmeter.embedded.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SqlScanTest {
    @Test
    void anInsertEndsWhereItsValuesBegin() {
        assertSplit("INSERT INTO t VALUES (1, 'VALUES')", "INSERT INTO t ", "Values", " (1, 'VALUES')");
        assertSplit("insert into t (a, `values`) values (1)", "insert into t (a, `values`) ", "Values", " (1)");
    }

    @Test
    void anInsertEndsWhereItsFormatIsNamed() {
        assertSplit("INSERT INTO t FORMAT TSV\n\n1\n", "INSERT INTO t ", "TSV", "\n1\n");
        assertSplit("/* FORMAT A */ INSERT INTO t -- FORMAT B\n FORMAT C\nx", null, "C", "x");
        assertSplit("INSERT INTO t SETTINGS async_insert=0 FORMAT CSV 1,2", null, "CSV", "1,2");
        assertSplit("INSERT INTO `t FORMAT x` FORMAT RowBinary", "INSERT INTO `t FORMAT x` ", "RowBinary", "");
    }

    @Test
    void anInsertThatSelectsHasNoData() {
        assertThat(scan("INSERT INTO t SELECT 1 FORMAT TSV").kind()).isEqualTo(StatementKind.OTHER);
        assertThat(scan("INSERT INTO t (a) WITH 1 AS x SELECT x").kind()).isEqualTo(StatementKind.OTHER);
    }

    @Test
    void anInsertWithNeitherLeavesTheFormatToTheRequest() {
        assertThat(scan("INSERT INTO t (a, b)").kind()).isEqualTo(StatementKind.INSERT_WITHOUT_FORMAT);
    }

    @Test
    void aSelectMayNameItsFormat() {
        assertThat(scan("SELECT format('{}', 1), 'FORMAT x' FORMAT JSON").format())
                .isEqualTo("JSON");
        assertThat(scan("WITH 1 AS a SELECT a").kind()).isEqualTo(StatementKind.SELECT);
        assertThat(scan("SELECT 1").format()).isNull();
    }

    @Test
    void textThatEndsTooSoonIsLeftToTheEngineToRefuse() {
        for (String odd :
                new String[] {"", "(", "'", "INSERT", "INSERT INTO t FORMAT", "/*", "--", "\\", "SELECT '\\"}) {
            assertThat(scan(odd)).isNotNull();
        }
    }

    private static SqlScan scan(String sql) {
        return SqlScan.of(sql.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertSplit(String sql, String statement, String format, String data) {
        SqlScan scan = scan(sql);
        assertThat(scan.kind()).isEqualTo(StatementKind.INSERT_WITH_DATA);
        assertThat(scan.format()).isEqualTo(format);
        assertThat(sql.substring(scan.dataStart())).isEqualTo(data);
        if (statement != null) {
            assertThat(sql.substring(0, scan.statementEnd())).isEqualTo(statement);
        }
    }
}
