package dev.tokenmeter.schemas.serde;

import java.util.List;

/** Avro instantiates only classes of packages that it was told to trust; it reads the list once, on first use. */
final class AvroTrust {
    private static final String PROPERTY = "org.apache.avro.SERIALIZABLE_PACKAGES";

    private AvroTrust() {}

    static void trust(String packageName) {
        String present = System.getProperty(PROPERTY, "");
        if (present.equals("*") || List.of(present.split(",")).contains(packageName)) {
            return;
        }
        System.setProperty(PROPERTY, present.isEmpty() ? packageName : present + "," + packageName);
    }
}
