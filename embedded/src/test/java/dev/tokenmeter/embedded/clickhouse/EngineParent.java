package dev.tokenmeter.embedded.clickhouse;

import java.nio.file.Path;

/** A process that has an engine, so that a test can kill it. */
final class EngineParent {
    private static final String ENGINE = "ENGINE ";

    private EngineParent() {}

    public static void main(String[] args) throws Exception {
        ClickHouseProcess engine =
                new ClickHouseProcess(new EngineLibrary(Path.of(args[1])), Path.of(args[0]), 0, Credentials.DEFAULT);
        System.out.println(ENGINE + engine.pid());
        Thread.sleep(Long.MAX_VALUE);
    }

    static Process start(Path dataDir) throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        EngineParent.class.getName(),
                        dataDir.toString(),
                        Engine.library().file().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    static long awaitEnginePid(Process parent) throws Exception {
        var lines = parent.inputReader();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(ENGINE)) {
                return Long.parseLong(line.substring(ENGINE.length()));
            }
        }
        throw new IllegalStateException("the parent ended before its engine served");
    }
}
