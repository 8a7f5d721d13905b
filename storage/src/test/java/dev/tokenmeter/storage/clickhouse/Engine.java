package dev.tokenmeter.storage.clickhouse;

import dev.tokenmeter.embedded.clickhouse.ClickHouseProcess;
import dev.tokenmeter.embedded.clickhouse.Credentials;
import dev.tokenmeter.embedded.clickhouse.EngineLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One engine for all tests of a run, unless the system property {@code clickhouse.url} names a server. */
public final class Engine {
    private static final String GIVEN = System.getProperty("clickhouse.url", "");

    private Engine() {}

    /** Base URL. */
    public static String url() {
        return GIVEN.isEmpty() ? Shared.ENGINE.url() : GIVEN;
    }

    /** Another engine, to be killed at will. */
    public static ClickHouseProcess start(Path dir, int port) {
        EngineLibrary library = EngineLibrary.find(Path.of(".."), "run npm ci in embedded/engine");
        return new ClickHouseProcess(library, dir, port, Credentials.DEFAULT);
    }

    private static final class Shared {
        static final ClickHouseProcess ENGINE = launch();

        private static ClickHouseProcess launch() {
            try {
                ClickHouseProcess engine = start(Files.createTempDirectory("clickhouse"), 0);
                Runtime.getRuntime().addShutdownHook(new Thread(engine::close));
                return engine;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
