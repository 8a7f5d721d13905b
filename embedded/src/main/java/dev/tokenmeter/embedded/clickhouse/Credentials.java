package dev.tokenmeter.embedded.clickhouse;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Who may query. ClickHouse's own default, the user {@code default} without a password, lets everybody in who can reach
 * the port, which is this machine only.
 *
 * @param user never null
 * @param password never null, may be empty
 */
public record Credentials(String user, String password) {
    /** ClickHouse's default. */
    public static final Credentials DEFAULT = new Credentials("default", "");

    /** Compares in a time that tells nothing of how much is right. */
    boolean allow(String offeredUser, String offeredPassword) {
        boolean userMatches = MessageDigest.isEqual(bytes(user), bytes(offeredUser));
        boolean passwordMatches = MessageDigest.isEqual(bytes(password), bytes(offeredPassword));
        return userMatches & passwordMatches;
    }

    private static byte[] bytes(String string) {
        return string.getBytes(StandardCharsets.UTF_8);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "Credentials[" + user + "]";
    }
}
