package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.AlertState;
import dev.tokenmeter.schemas.Money;
import dev.tokenmeter.schemas.Notification;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Alerts and notifications for tests. */
public final class TestAlerts {
    public static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private TestAlerts() {}

    public static Alert.Builder alert(String id, String tenant) {
        return Alert.newBuilder()
                .setAlertId(id)
                .setKind("budget_threshold")
                .setState(AlertState.firing)
                .setSeverity("warning")
                .setTenant(tenant)
                .setSummary(
                        "Tenant " + tenant + " has spent $812.40 of its $1,000.00 monthly budget 'Production' (81 %).")
                .setLabels(Map.of("budget_id", "b1", "threshold", "80", "tag.team", "growth"))
                .setObservedUsd(Money.exact(new BigDecimal("812.404")))
                .setLimitUsd(Money.exact(new BigDecimal("1000")))
                .setWindowStart(Instant.parse("2026-11-01T00:00:00Z"))
                .setWindowEnd(Instant.parse("2026-12-01T00:00:00Z"))
                .setStartsAt(NOON)
                .setUpdatedAt(NOON)
                .setPageUrl("https://usage.example.com/?tenant=" + tenant + "#view-budgets");
    }

    public static Alert firing(String id, String tenant) {
        return alert(id, tenant).build();
    }

    public static Alert resolved(Alert fired) {
        return Alert.newBuilder(fired)
                .setState(AlertState.resolved)
                .setUpdatedAt(fired.getUpdatedAt().plusSeconds(60))
                .build();
    }

    public static Notification.Builder notification(String id, String receiver, Alert... alerts) {
        return Notification.newBuilder()
                .setNotificationId(id)
                .setReceiver(receiver)
                .setGroupKey(receiver + "{}:{tenant=\"acme\"}")
                .setGroupLabels(Map.of("tenant", "acme"))
                .setReason("first")
                .setAlerts(List.of(alerts))
                .setCreatedAt(NOON)
                .setValidUntil(NOON.plus(Duration.ofHours(5)));
    }
}
