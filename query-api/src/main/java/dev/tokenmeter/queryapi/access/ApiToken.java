package dev.tokenmeter.queryapi.access;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A token that opens the API, known by its hash only.
 *
 * @param sha256 of the whole token
 * @param access what it opens
 */
public record ApiToken(byte[] sha256, Access access) {
    private static final String SECTION = "query-api.tokens";

    /** Reads {@code query-api.tokens.<name>.sha256}, {@code .tenant} and {@code .role}. */
    public static List<ApiToken> from(Settings settings) {
        List<ApiToken> tokens = new ArrayList<>();
        for (String name : settings.names(SECTION)) {
            String prefix = SECTION + "." + name;
            String tenant = settings.required(prefix + ".tenant");
            Role role = settings.oneOf(prefix + ".role", Role.class, Role.VIEWER);
            Optional<String> scope = tenant.equals("*") ? Optional.empty() : Optional.of(tenant);
            tokens.add(new ApiToken(hash(settings, prefix + ".sha256"), new Access(name, scope, role)));
        }
        return List.copyOf(tokens);
    }

    private static byte[] hash(Settings settings, String key) {
        String text = settings.required(key);
        if (!text.matches("[0-9a-fA-F]{64}")) {
            throw new SettingException(
                    key, "not a SHA-256", "64 hexadecimal digits, from: printf %s \"$TOKEN\" | sha256sum");
        }
        return HexFormat.of().parseHex(text);
    }
}
