package dev.tokenmeter.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The password of the embedded ClickHouse, made once for each data folder and kept in a file that only its owner can
 * read: other users of the machine, and web pages in its browsers, can reach the port too.
 */
final class EnginePassword {
    private static final int RANDOM_BYTES = 24;

    private EnginePassword() {}

    static String of(DataFolder folder) {
        Path file = folder.resolve("clickhouse.password");
        try {
            if (!Files.exists(file)) {
                byte[] random = new byte[RANDOM_BYTES];
                new SecureRandom().nextBytes(random);
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
