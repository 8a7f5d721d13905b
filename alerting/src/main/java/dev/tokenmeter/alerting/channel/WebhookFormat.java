package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A CloudEvent in structured mode, signed, where there is a secret, as Standard Webhooks says: HMAC-SHA256 over id, time of
 * the attempt and body, so that a receiver can tell who sent it, that it is whole, and whether it is old.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md">CloudEvents
 *     over HTTP</a>
 * @see <a href="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md">Standard
 *     Webhooks</a>
 */
final class WebhookFormat implements HttpFormat {
    private static final String ENCODED = "whsec_";

    private final URI url;
    private final Optional<byte[]> secret;
    private final Clock clock;

    WebhookFormat(URI url, Optional<byte[]> secret, Clock clock) {
        this.url = url;
        this.secret = secret;
        this.clock = clock;
    }

    static WebhookFormat from(Settings settings, String prefix) {
        return new WebhookFormat(
                Secret.url(settings, prefix + "url"),
                Secret.from(settings, prefix + "secret").map(found -> bytes(prefix + "secret", found.value())),
                Clock.systemUTC());
    }

    /** {@code whsec_} and base64, as Standard Webhooks' libraries make them; any other text is taken as it is. */
    static byte[] bytes(String key, String text) {
        try {
            return text.startsWith(ENCODED)
                    ? Base64.getDecoder().decode(text.substring(ENCODED.length()))
                    : text.getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new SettingException(key, "no base64 after " + ENCODED, "base64, or any text without " + ENCODED);
        }
    }

    @Override
    public Post post(Notification notification) {
        byte[] body = Json.bytes(event(notification));
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/cloudevents+json");
        headers.put("Idempotency-Key", notification.getNotificationId());
        secret.ifPresent(key -> {
            String time = Long.toString(clock.instant().getEpochSecond());
            headers.put("webhook-id", notification.getNotificationId());
            headers.put("webhook-timestamp", time);
            headers.put("webhook-signature", "v1," + signature(key, notification.getNotificationId(), time, body));
        });
        return Post.toSecret(url, headers, body);
    }

    /** Without its version, {@code v1}. */
    static String signature(byte[] key, String id, String time, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update((id + "." + time + ".").getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA256", e);
        }
    }

    private static Map<String, Object> event(Notification notification) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("specversion", "1.0");
        event.put("id", notification.getNotificationId());
        event.put("source", "/tokenmeter/alerting");
        event.put("type", "dev.tokenmeter.alerts.v1");
        event.put("subject", notification.getGroupKey());
        event.put("time", notification.getCreatedAt().toString());
        event.put("datacontenttype", "application/json");
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("receiver", notification.getReceiver());
        data.put("reason", notification.getReason());
        data.put("state", Texts.isResolved(notification) ? "resolved" : "firing");
        data.put("group_key", notification.getGroupKey());
        data.put("group_labels", new TreeMap<>(notification.getGroupLabels()));
        data.put(
                "alerts",
                notification.getAlerts().stream().map(WebhookFormat::alert).toList());
        data.put("truncated_alerts", notification.getTruncatedAlerts());
        event.put("data", data);
        return event;
    }

    /** Under the names of {@code llm.alerts.v1}; amounts are decimal strings, as a double could not hold them. */
    private static Map<String, Object> alert(Alert alert) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("alert_id", alert.getAlertId());
        json.put("kind", alert.getKind());
        json.put("state", alert.getState().name());
        json.put("severity", alert.getSeverity());
        json.put("tenant", alert.getTenant());
        json.put("summary", alert.getSummary());
        json.put("labels", new TreeMap<>(alert.getLabels()));
        json.put("observed_usd", amount(alert.getObservedUsd()));
        json.put("limit_usd", amount(alert.getLimitUsd()));
        json.put("window_start", alert.getWindowStart().toString());
        json.put("window_end", alert.getWindowEnd().toString());
        json.put("starts_at", alert.getStartsAt().toString());
        json.put("updated_at", alert.getUpdatedAt().toString());
        json.put("page_url", alert.getPageUrl());
        return json;
    }

    private static String amount(BigDecimal usd) {
        return usd == null ? null : Texts.plain(usd);
    }
}
