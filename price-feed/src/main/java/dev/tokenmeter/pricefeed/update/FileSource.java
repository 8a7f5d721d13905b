package dev.tokenmeter.pricefeed.update;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A list in a file. */
final class FileSource implements ListSource {
    private final Path file;
    private final int maxBytes;

    FileSource(Path file, int maxBytes) {
        this.file = file;
        this.maxBytes = maxBytes;
    }

    @Override
    public byte[] fetch() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new IOException("the file is larger than " + maxBytes + " bytes (pricing.update.max-bytes)");
            }
            return bytes;
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException("the file " + file + " does not exist", e);
        }
    }
}
