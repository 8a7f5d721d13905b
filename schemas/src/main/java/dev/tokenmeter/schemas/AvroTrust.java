package dev.tokenmeter.schemas;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Avro makes instances only of classes that it was told to trust. The generated classes call this when they load (the
 * build adds the call), so that whoever uses them need not know.
 */
public final class AvroTrust {
    static {
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(AvroTrust.class.getPackageName())));
    }

    private AvroTrust() {}

    /** Trusts the classes of this package, once, by loading this class. */
    public static void trustContract() {}
}
