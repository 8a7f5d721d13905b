package dev.tokenmeter.embedded.clickhouse;

import java.util.Locale;
import java.util.Optional;

/**
 * The formats whose chunks can be put one after the other. Every chunk that the engine delivers is a document of its
 * own: where the format has a header, each chunk has one, and all but the first must go.
 */
enum StreamedFormat {
    NO_HEADER,
    ONE_LINE,
    TWO_LINES,
    BINARY_NAMES,
    BINARY_NAMES_AND_TYPES;

    /** Empty for formats that only make sense as a whole, such as JSON. */
    static Optional<StreamedFormat> of(String format) {
        return switch (format.toLowerCase(Locale.ROOT)) {
            case "rowbinary", "native", "jsoneachrow", "jsonlines", "ndjson", "jsoncompacteachrow", "csv" ->
                Optional.of(NO_HEADER);
            case "tabseparated", "tsv", "tabseparatedraw", "tsvraw", "raw" -> Optional.of(NO_HEADER);
            case "tabseparatedwithnames", "tsvwithnames" -> Optional.of(ONE_LINE);
            case "tabseparatedwithnamesandtypes", "tsvwithnamesandtypes" -> Optional.of(TWO_LINES);
            case "rowbinarywithnames" -> Optional.of(BINARY_NAMES);
            case "rowbinarywithnamesandtypes" -> Optional.of(BINARY_NAMES_AND_TYPES);
            default -> Optional.empty();
        };
    }

    /** How many bytes at the start of the chunk are header. */
    int headerLength(byte[] chunk) {
        return switch (this) {
            case NO_HEADER -> 0;
            case ONE_LINE -> afterLine(chunk, 0);
            case TWO_LINES -> afterLine(chunk, afterLine(chunk, 0));
            case BINARY_NAMES -> afterNames(chunk, 1);
            case BINARY_NAMES_AND_TYPES -> afterNames(chunk, 2);
        };
    }

    private static int afterLine(byte[] chunk, int from) {
        int at = from;
        while (at < chunk.length && chunk[at] != '\n') {
            at++;
        }
        return Math.min(chunk.length, at + 1);
    }

    private static int afterNames(byte[] chunk, int stringsPerColumn) {
        VarInts in = new VarInts(chunk);
        long strings = in.next() * stringsPerColumn;
        for (long i = 0; i < strings; i++) {
            in.skip(in.next());
        }
        return in.at;
    }

    /** LEB128, as ClickHouse writes lengths. */
    private static final class VarInts {
        private final byte[] bytes;
        private int at;

        VarInts(byte[] bytes) {
            this.bytes = bytes;
        }

        long next() {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte b = bytes[at++];
                value |= (b & 0x7FL) << shift;
                if (b >= 0) {
                    return value;
                }
            }
        }

        void skip(long length) {
            at = Math.toIntExact(at + length);
        }
    }
}
