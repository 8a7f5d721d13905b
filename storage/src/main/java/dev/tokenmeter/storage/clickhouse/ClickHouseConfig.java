package dev.tokenmeter.storage.clickhouse;

import dev.tokenmeter.service.Settings;
import java.net.URI;
import java.time.Duration;

/**
 * Where ClickHouse is and how to log in: settings under {@code clickhouse.}, shared by the sink and the query API.
 *
 * @param url HTTP(S) address
 * @param database holds all of Tokenmeter's tables; created by the migrations
 * @param user the user, {@code default} unless set
 * @param password its password, empty for none
 * @param connectTimeout for a TCP connection
 * @param socketTimeout for an answer
 */
public record ClickHouseConfig(
        URI url, String database, String user, String password, Duration connectTimeout, Duration socketTimeout) {

    /** The settings' section. */
    public static final String SECTION = "clickhouse";

    /** Reads and checks them. */
    public static ClickHouseConfig from(Settings settings) {
        return new ClickHouseConfig(
                settings.url("clickhouse.url").orElse(URI.create("http://127.0.0.1:8123")),
                settings.string("clickhouse.database", "tokenmeter"),
                settings.string("clickhouse.user", "default"),
                settings.string("clickhouse.password", ""),
                settings.duration("clickhouse.connect-timeout", Duration.ofSeconds(5)),
                settings.duration("clickhouse.socket-timeout", Duration.ofSeconds(60)));
    }

    /** The same server, another database. */
    public ClickHouseConfig withDatabase(String name) {
        return new ClickHouseConfig(url, name, user, password, connectTimeout, socketTimeout);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return url + "/" + database + " as " + user;
    }
}
