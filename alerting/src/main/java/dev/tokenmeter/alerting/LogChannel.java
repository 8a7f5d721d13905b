package dev.tokenmeter.alerting;

import dev.tokenmeter.schemas.Alert;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes alerts to the log at WARN, where every set-up has a place for them. */
final class LogChannel implements AlertChannel {
    private static final Logger LOG = LoggerFactory.getLogger(LogChannel.class);

    @Override
    public void deliver(Alert alert) {
        LOG.warn(
                "alert {} {} [{}]: {}",
                alert.getState(),
                alert.getSeverity(),
                oneLine(alert.getAlertId()),
                oneLine(alert.getSummary()));
    }

    /** What people named cannot pretend to be another line of the log. */
    static String oneLine(String text) {
        return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ");
    }
}
