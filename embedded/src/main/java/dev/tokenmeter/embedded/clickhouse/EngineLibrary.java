package dev.tokenmeter.embedded.clickhouse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Where the engine's library is. It is not in our jars, having 550 MB: npm fetches it, once, for this platform, into
 * {@code embedded/engine/node_modules}.
 *
 * @param file exists
 */
public record EngineLibrary(Path file) {
    /** System property or environment variable that names the library, or the folder that it is in. */
    public static final String LOCATION = "TOKENMETER_ENGINE_LIB";

    private static final List<String> FILE_NAMES = List.of("libchdb.so", "libchdb.dylib");

    /**
     * Looks where {@link #LOCATION} says, if it says so, and else below the root.
     *
     * @param root the repository's or installation's root, or a module's folder in it
     * @param howToFetch what to tell a user who has not fetched the engine yet, such as "run ./tokenmeter setup"
     * @throws IllegalStateException saying that the platform has no engine, or where it was looked for
     */
    public static EngineLibrary find(Path root, String howToFetch) {
        String named = System.getProperty(LOCATION, System.getenv().getOrDefault(LOCATION, ""));
        if (!named.isEmpty()) {
            Path location = Path.of(named);
            return in(location)
                    .findFirst()
                    .map(EngineLibrary::new)
                    .orElseThrow(() -> new IllegalStateException(
                            LOCATION + " names " + location + ", where there is no ClickHouse engine library"));
        }
        String packageFolder = "@chdb/lib-" + platform();
        Path absolute = root.toAbsolutePath().normalize();
        return Stream.of("embedded/engine", "../embedded/engine")
                .map(folder -> absolute.resolve(folder).resolve("node_modules").resolve(packageFolder))
                .flatMap(EngineLibrary::in)
                .findFirst()
                .map(EngineLibrary::new)
                .orElseThrow(() -> new IllegalStateException("the ClickHouse engine (" + packageFolder
                        + ") is not below " + absolute + ": " + howToFetch + ", or set " + LOCATION));
    }

    private static Stream<Path> in(Path location) {
        return Stream.concat(Stream.of(location), FILE_NAMES.stream().map(location::resolve))
                .filter(Files::isRegularFile);
    }

    /** As the npm packages name it. */
    private static String platform() {
        return platform(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    static String platform(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String architecture = switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "x64";
            case "aarch64", "arm64" -> "arm64";
            default -> "";
        };
        if (!architecture.isEmpty() && os.startsWith("linux")) {
            return "linux-" + architecture + "-gnu";
        }
        if (!architecture.isEmpty() && os.startsWith("mac")) {
            return "darwin-" + architecture;
        }
        throw new IllegalStateException("there is no embedded ClickHouse engine for " + osName + " on " + osArch
                + "; use a ClickHouse server, or Linux (glibc) or macOS on x64 or arm64");
    }
}
