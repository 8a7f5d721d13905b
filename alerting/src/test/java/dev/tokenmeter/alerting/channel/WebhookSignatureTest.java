package dev.tokenmeter.alerting.channel;

import static dev.tokenmeter.alerting.TestAlerts.NOON;
import static dev.tokenmeter.alerting.TestAlerts.firing;
import static dev.tokenmeter.alerting.TestAlerts.notification;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.service.SettingException;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WebhookSignatureTest {
    @Test
    void aReceiverThatKnowsTheSecretCanCheckTheSignature() throws Exception {
        byte[] key = WebhookFormat.bytes("x", "whsec_" + Base64.getEncoder().encodeToString(new byte[] {1, 2, 3, -1}));
        HttpFormat.Post post = new WebhookFormat(
                        URI.create("https://h.example.com/x"), Optional.of(key), Clock.fixed(NOON, ZoneOffset.UTC))
                .post(notification("n-1", "ops", firing("a", "acme")).build());

        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.writeBytes(("n-1." + NOON.getEpochSecond() + ".").getBytes(StandardCharsets.UTF_8));
        signed.writeBytes(post.body());
        assertThat(post.headers())
                .containsEntry("webhook-id", "n-1")
                .containsEntry("webhook-timestamp", Long.toString(NOON.getEpochSecond()))
                .containsEntry(
                        "webhook-signature",
                        "v1,"
                                + Base64.getEncoder()
                                        .encodeToString(hmac(new byte[] {1, 2, 3, -1}, signed.toByteArray())));
    }

    /** RFC 2104 by its own words: H(K xor opad, H(K xor ipad, text)). */
    private static byte[] hmac(byte[] key, byte[] text) throws Exception {
        byte[] inner = new byte[64];
        byte[] outer = new byte[64];
        for (int i = 0; i < 64; i++) {
            byte of = i < key.length ? key[i] : 0;
            inner[i] = (byte) (of ^ 0x36);
            outer[i] = (byte) (of ^ 0x5c);
        }
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        sha.update(inner);
        byte[] first = sha.digest(text);
        sha.update(outer);
        return sha.digest(first);
    }

    /** @see <a href="https://docs.svix.com/receiving/verifying-payloads/how-manual">Its example</a> */
    @Test
    void theSignatureIsThatOfTheStandardsExample() {
        assertThat(WebhookFormat.signature(
                        WebhookFormat.bytes("x", "whsec_plJ3nmyCDGBKInavdOK15jsl"),
                        "msg_loFOjxBNrRLzqYUf",
                        "1731705121",
                        "{\"event_type\":\"ping\",\"data\":{\"success\":true}}".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
    }

    @Test
    void withoutASecretNothingIsSigned() {
        HttpFormat.Post post = new WebhookFormat(
                        URI.create("https://h.example.com/x"), Optional.empty(), Clock.systemUTC())
                .post(notification("n-1", "ops", firing("a", "acme")).build());
        assertThat(post.headers()).containsOnlyKeys("Content-Type", "Idempotency-Key");
    }

    @Test
    void anEncodedSecretMustBeEncoded() {
        assertThatThrownBy(() -> WebhookFormat.bytes("alerting.receivers.x.secret", "whsec_%%%"))
                .isInstanceOf(SettingException.class)
                .hasMessageNotContaining("%%%");
    }
}
