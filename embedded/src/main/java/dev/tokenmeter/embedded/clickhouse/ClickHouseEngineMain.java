package dev.tokenmeter.embedded.clickhouse;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's own process: {@code --path DIR --port N --library FILE}, and the credentials in the environment, where
 * other users of the machine do not see them. Says {@value #READY} on standard output once it serves, and ends when
 * standard input does: the parent has it open, so it ends with the parent, however that died.
 */
public final class ClickHouseEngineMain {
    static final String READY = "CLICKHOUSE-READY";
    static final String USER_VARIABLE = "TOKENMETER_ENGINE_USER";
    static final String PASSWORD_VARIABLE = "TOKENMETER_ENGINE_PASSWORD";

    private static final int SIGHUP = 1;
    private static final int SIGINT = 2;
    private static final Logger LOG = LoggerFactory.getLogger(ClickHouseEngineMain.class);

    private ClickHouseEngineMain() {}

    /** Called by the JVM that {@link ClickHouseProcess} starts. */
    public static void main(String[] args) throws IOException {
        ignoreTerminal();
        Map<String, String> options = options(args);
        Path path = Files.createDirectories(Path.of(options.get("--path")));
        Credentials credentials = new Credentials(
                System.getenv().getOrDefault(USER_VARIABLE, Credentials.DEFAULT.user()),
                System.getenv().getOrDefault(PASSWORD_VARIABLE, Credentials.DEFAULT.password()));
        Chdb engine;
        ClickHouseHttpServer server;
        try {
            engine = new Chdb(Path.of(options.get("--library")), path, ClickHouseHttpServer.THREADS);
            server = new ClickHouseHttpServer(engine, Integer.parseInt(options.get("--port")), credentials);
        } catch (ChdbException | IOException | UnsatisfiedLinkError e) {
            // The parent shows this line; a stack trace would push it out of sight.
            LOG.error("{}", e.getMessage());
            Runtime.getRuntime().halt(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, engine), "stop"));
        System.out.println(READY + " " + server.port());
        awaitEndOfInput();
        System.exit(0);
    }

    /**
     * A terminal sends Ctrl-C, and its own end, to parent and child alike. The parent then still has rows to write, so
     * that only its end (or a SIGTERM meant for us) is ours.
     */
    private static void ignoreTerminal() {
        Function signal = NativeLibrary.getProcess().getFunction("signal");
        Pointer ignore = new Pointer(1); // SIG_IGN
        signal.invokePointer(new Object[] {SIGHUP, ignore});
        signal.invokePointer(new Object[] {SIGINT, ignore});
    }

    private static Map<String, String> options(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            options.put(args[i], args[i + 1]);
        }
        if (!options.keySet().containsAll(List.of("--path", "--port", "--library"))) {
            throw new IllegalArgumentException("usage: --path DIR --port N --library FILE");
        }
        return options;
    }

    private static void awaitEndOfInput() throws IOException {
        byte[] ignored = new byte[64];
        while (System.in.read(ignored) >= 0) {
            continue;
        }
    }

    private static void stop(ClickHouseHttpServer server, Chdb engine) {
        try {
            server.close();
            if (!engine.shutDown()) {
                LOG.warn("a statement still runs; ending without waiting for it");
                endNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Leaves without native clean-up, which crashes while the engine works. No more is lost than by {@code kill -9}: the
     * statements that nobody has been told of as done.
     */
    private static void endNow() {
        Function exit = NativeLibrary.getProcess().getFunction("_exit");
        exit.invokeVoid(new Object[] {0});
    }
}
