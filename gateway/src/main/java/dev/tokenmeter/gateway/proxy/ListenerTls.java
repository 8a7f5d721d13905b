package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.upstream.TlsConfig;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;

/**
 * What the gateway's port shows of itself over TLS.
 *
 * @param certificateFile PEM certificate chain
 * @param keyFile PEM private key of the certificate
 */
public record ListenerTls(String certificateFile, String keyFile) {
    /** Reads {@code gateway.tls.*}; null for plain HTTP. */
    static ListenerTls from(Settings settings) {
        String certificate = settings.optional("gateway.tls.certificate-file").orElse(null);
        String key = settings.optional("gateway.tls.key-file").orElse(null);
        if (certificate == null && key == null) {
            return null;
        }
        if (certificate == null || key == null) {
            String missing = key == null ? "key-file" : "certificate-file";
            throw new SettingException(
                    "gateway.tls." + missing, "not set", "a PEM file, as the other of the two is set");
        }
        TlsConfig.checkCertificates("gateway.tls.certificate-file", certificate);
        TlsConfig.checkReadable("gateway.tls.key-file", key);
        return new ListenerTls(certificate, key);
    }
}
