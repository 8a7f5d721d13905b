package dev.tokenmeter.embedded.clickhouse;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start the child JVM: the Java and the class path that this one has. */
record EngineCommand(EngineLibrary library, Path dataDir, int port, Credentials credentials) {
    private static final int NATIVE_ACCESS_IS_RESTRICTED_SINCE = 24;

    ProcessBuilder builder() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The engine has its own memory beside the heap, which only holds what passes through.
        command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-Xshare:auto", "-Duser.timezone=UTC"));
        command.add("-Dlogback.configurationFile=dev/tokenmeter/embedded/clickhouse/engine-logback.xml");
        if (Runtime.version().feature() >= NATIVE_ACCESS_IS_RESTRICTED_SINCE) {
            command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        }
        command.addAll(List.of(
                ClickHouseEngineMain.class.getName(),
                "--path",
                dataDir.toString(),
                "--port",
                Integer.toString(port),
                "--library",
                library.file().toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // A class path can be longer than an argument may be.
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("TZ", "UTC");
        builder.environment().put(ClickHouseEngineMain.USER_VARIABLE, credentials.user());
        builder.environment().put(ClickHouseEngineMain.PASSWORD_VARIABLE, credentials.password());
        return builder;
    }
}
