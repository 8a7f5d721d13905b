package dev.tokenmeter.gateway.attribution;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in lower-case hexadecimal. */
final class Hashes {
    private static final MessageDigest SHA_256 = digest();

    private Hashes() {}

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String sha256(String text) {
        try {
            MessageDigest digest = (MessageDigest) SHA_256.clone(); // spares the search for who provides it
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
        }
    }

    /** Enough of a hash to tell keys apart, too little to check guesses against in bulk. */
    static String shortSha256(String text) {
        return sha256(text).substring(0, 16);
    }
}
