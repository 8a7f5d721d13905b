package dev.tokenmeter.gateway.upstream;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Optional;

/**
 * Whom a TLS connection trusts, and who it says it is. Files are checked when the settings are read.
 *
 * @param caFile PEM certificates to trust instead of the JVM's; null for none
 * @param trustStore a key store (PKCS #12 or JKS) to trust instead of the JVM's; null for none
 * @param trustStorePassword null for none; never to be logged
 * @param certificateFile PEM certificate chain to show; null for none
 * @param keyFile PEM private key of that certificate; null for none
 * @param verifyHost whether the server's certificate must be for the name that was called
 */
public record TlsConfig(
        String caFile,
        String trustStore,
        String trustStorePassword,
        String certificateFile,
        String keyFile,
        boolean verifyHost) {
    /**
     * Reads {@code tls.*}.
     *
     * @param prefix of the settings, with its dot
     */
    public static TlsConfig from(Settings settings, String prefix) {
        String tls = prefix + "tls.";
        TlsConfig config = new TlsConfig(
                settings.optional(tls + "ca-file").orElse(null),
                settings.optional(tls + "trust-store").orElse(null),
                settings.optional(tls + "trust-store-password").orElse(null),
                settings.optional(tls + "client-certificate-file").orElse(null),
                settings.optional(tls + "client-key-file").orElse(null),
                settings.bool(tls + "verify-host", true));
        if (config.caFile != null && config.trustStore != null) {
            throw new SettingException(tls + "trust-store", "also ca-file is set", "one of the two");
        }
        if ((config.certificateFile == null) != (config.keyFile == null)) {
            String missing = config.keyFile == null ? "client-key-file" : "client-certificate-file";
            throw new SettingException(tls + missing, "not set", "a PEM file, as the other of the two is set");
        }
        checkCertificates(tls + "ca-file", config.caFile);
        checkCertificates(tls + "client-certificate-file", config.certificateFile);
        checkReadable(tls + "client-key-file", config.keyFile);
        checkStore(tls, config);
        return config;
    }

    /**
     * Fails unless a file holds certificates.
     *
     * @param file null for none, which is well
     */
    public static void checkCertificates(String setting, String file) {
        if (file == null) {
            return;
        }
        boolean some;
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            some = !CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .isEmpty();
        } catch (IOException | GeneralSecurityException e) {
            some = false;
        }
        if (!some) {
            throw new SettingException(setting, "no certificate can be read from " + file, "a PEM file");
        }
    }

    /** Fails unless a file can be read; null, for none, is well. */
    public static void checkReadable(String setting, String file) {
        if (file != null && !Files.isReadable(Path.of(file))) {
            throw new SettingException(setting, "cannot read " + file, "a PEM file");
        }
    }

    private static void checkStore(String tls, TlsConfig config) {
        if (config.trustStore != null) {
            config.storeType()
                    .orElseThrow(() -> new SettingException(
                            tls + "trust-store",
                            "cannot read " + config.trustStore,
                            "a PKCS #12 or JKS file, and its trust-store-password"));
        }
    }

    /** The trust store's format; empty when it cannot be read. */
    Optional<String> storeType() {
        char[] password = trustStorePassword == null ? new char[0] : trustStorePassword.toCharArray();
        try {
            return Optional.of(
                    KeyStore.getInstance(new File(trustStore), password).getType());
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "TlsConfig[ca " + caFile + ", trust store " + trustStore + ", certificate " + certificateFile + "]";
    }
}
