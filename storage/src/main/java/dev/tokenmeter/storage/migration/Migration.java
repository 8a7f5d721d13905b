package dev.tokenmeter.storage.migration;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One numbered step. Its statements must be repeatable ({@code IF NOT EXISTS}), as ClickHouse has no transaction around
 * them: a crash in the middle is followed by a second run.
 *
 * @param version number, ascending
 * @param name what it does
 * @param sql statements, each ended by a semicolon at a line's end
 */
record Migration(int version, String name, String sql) {
    private static final String FOLDER = "db/clickhouse/";
    private static final Pattern FILE = Pattern.compile("V(\\d{3})__(\\w+)\\.sql");

    /** All of them in order, as {@code index.txt} lists them: a jar's folders cannot be listed portably. */
    static List<Migration> shipped() {
        return resource("index.txt").lines().map(Migration::read).toList();
    }

    private static Migration read(String file) {
        Matcher matcher = FILE.matcher(file);
        if (!matcher.matches()) {
            throw new IllegalStateException(
                    "db/clickhouse/index.txt lists '" + file + "', which is not V000__name.sql");
        }
        return new Migration(Integer.parseInt(matcher.group(1)), matcher.group(2), resource(file));
    }

    private static String resource(String name) {
        try (InputStream in = Migration.class.getClassLoader().getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("no " + FOLDER + name + " on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> statements() {
        return Arrays.stream(sql.split(";\\s*(\\n|$)"))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }

    /** SHA-256 of the file. */
    String checksum() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(sql.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
