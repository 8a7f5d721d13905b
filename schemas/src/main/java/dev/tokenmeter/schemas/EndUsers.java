package dev.tokenmeter.schemas;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The same name for an end user, whichever way their call was metered. */
public final class EndUsers {
    private static final int DIGITS = 16;

    private EndUsers() {}

    /** The first 16 hexadecimal digits of the name's SHA-256: enough to tell end users apart. */
    public static String hashed(String name) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
