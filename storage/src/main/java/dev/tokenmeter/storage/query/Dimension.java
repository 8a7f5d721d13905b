package dev.tokenmeter.storage.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Something to group and filter by: a field of the event or one of the caller's tags. What is absent is the empty string. */
public sealed interface Dimension {
    /** Prefix of tags in dimension names. */
    String TAG_PREFIX = "tag.";

    /** As in the API and in rollups: {@code model}, {@code tag.team}. */
    String dimensionName();

    /** Fields of the event. */
    enum Field implements Dimension {
        TENANT(false),
        PROVIDER(false),
        MODEL(false),
        REQUESTED_MODEL(true),
        API_KEY_ID(false),
        OPERATION(false),
        SERVICE_TIER(true),
        OUTCOME(false),
        END_USER(true),
        SOURCE(false),
        GATEWAY_ID(false),
        USAGE_SOURCE(false),
        PRICE_ID(true);

        private final boolean nullable;

        Field(boolean nullable) {
            this.nullable = nullable;
        }

        @Override
        public String dimensionName() {
            return name().toLowerCase(Locale.ROOT);
        }

        String eventColumn() {
            return nullable ? "ifNull(" + dimensionName() + ", '')" : dimensionName();
        }
    }

    /**
     * A tag.
     *
     * @param tag its name, any text
     */
    record Tag(String tag) implements Dimension {
        @Override
        public String dimensionName() {
            return TAG_PREFIX + tag;
        }
    }

    /** The dimension of that name, if there is one; every tag name is one. */
    static Optional<Dimension> named(String name) {
        if (name.startsWith(TAG_PREFIX)) {
            String tag = name.substring(TAG_PREFIX.length());
            return tag.isEmpty() ? Optional.empty() : Optional.of(new Tag(tag));
        }
        return Arrays.<Dimension>stream(Field.values())
                .filter(field -> field.dimensionName().equals(name))
                .findFirst();
    }

    /** For error messages. */
    static List<String> allowed() {
        List<String> names = new ArrayList<>();
        for (Field field : Field.values()) {
            names.add(field.dimensionName());
        }
        names.add(TAG_PREFIX + "<name>");
        return names;
    }
}
