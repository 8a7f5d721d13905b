package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLContext;

/**
 * The mail server and the addresses.
 *
 * @param security how the connection is protected
 * @param username empty for no login
 * @param timeout of the connection, and of each answer
 * @param trust whom to trust in TLS; empty for whom the JVM trusts
 */
record EmailSettings(
        String host,
        int port,
        Security security,
        Optional<String> username,
        Optional<Secret> password,
        InternetAddress from,
        List<InternetAddress> to,
        Duration timeout,
        Optional<SSLContext> trust) {
    /** Ways to protect the connection. */
    enum Security {
        /** Begins in the clear and must change to TLS before anything is said. */
        STARTTLS,
        /** TLS from the start. */
        TLS,
        NONE
    }

    private static final int MOST_RECIPIENTS = 50;

    static EmailSettings from(Settings settings, String prefix) {
        String host = settings.required(prefix + "host");
        Security security = settings.oneOf(prefix + "security", Security.class, Security.STARTTLS);
        Optional<String> username = settings.optional(prefix + "username");
        Optional<Secret> password = Secret.from(settings, prefix + "password");
        if (username.isPresent() != password.isPresent()) {
            String missing = username.isPresent() ? "password" : "username";
            throw new SettingException(prefix + missing, "not set", "both username and password, or none");
        }
        settings.required(prefix + "from");
        List<String> to = settings.list(prefix + "to");
        if (to.isEmpty() || to.size() > MOST_RECIPIENTS) {
            throw new SettingException(prefix + "to", "found " + to.size(), "1 to " + MOST_RECIPIENTS + " addresses");
        }
        return new EmailSettings(
                host,
                settings.port(prefix + "port", security == Security.TLS ? 465 : 587),
                security,
                username,
                password,
                address(prefix + "from", settings.required(prefix + "from")),
                to.stream().map(text -> address(prefix + "to", text)).toList(),
                HttpSettings.positive(settings, prefix + "timeout", Duration.ofSeconds(15)),
                HttpSettings.trust(settings, prefix));
    }

    private static InternetAddress address(String key, String text) {
        try {
            InternetAddress[] parsed = InternetAddress.parse(text, true);
            if (parsed.length == 1 && parsed[0].getAddress().contains("@")) {
                return parsed[0];
            }
        } catch (AddressException e) {
            // told below
        }
        throw new SettingException(
                key, "found '" + text + "'", "an address such as ops@example.com or Ops <ops@example.com>");
    }

    /** @see <a href="https://eclipse-ee4j.github.io/angus-mail/docs/api/org.eclipse.angus.mail/org/eclipse/angus/mail/smtp/package-summary.html">Angus Mail's SMTP properties</a> */
    Properties properties() {
        Properties mail = new Properties();
        mail.setProperty("mail.transport.protocol", "smtp");
        mail.setProperty("mail.smtp.host", host);
        mail.setProperty("mail.smtp.port", Integer.toString(port));
        mail.setProperty("mail.smtp.auth", Boolean.toString(username.isPresent()));
        mail.setProperty("mail.smtp.ssl.enable", Boolean.toString(security == Security.TLS));
        mail.setProperty("mail.smtp.starttls.enable", Boolean.toString(security == Security.STARTTLS));
        mail.setProperty("mail.smtp.starttls.required", Boolean.toString(security == Security.STARTTLS));
        mail.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        for (String bound : List.of("connectiontimeout", "timeout", "writetimeout")) {
            mail.setProperty("mail.smtp." + bound, Long.toString(timeout.toMillis()));
        }
        // One address that does not exist should not keep the others from hearing.
        mail.setProperty("mail.smtp.sendpartial", "true");
        mail.setProperty("mail.smtp.quitwait", "false");
        trust.ifPresent(context -> mail.put("mail.smtp.ssl.socketFactory", context.getSocketFactory()));
        return mail;
    }
}
