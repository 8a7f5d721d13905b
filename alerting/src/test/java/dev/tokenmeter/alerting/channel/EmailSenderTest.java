package dev.tokenmeter.alerting.channel;

import static dev.tokenmeter.alerting.TestAlerts.alert;
import static dev.tokenmeter.alerting.TestAlerts.firing;
import static dev.tokenmeter.alerting.TestAlerts.notification;
import static dev.tokenmeter.alerting.TestAlerts.resolved;
import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import dev.tokenmeter.alerting.deliver.Outcome;
import dev.tokenmeter.schemas.Notification;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Against a real SMTP server, GreenMail. */
class EmailSenderTest {
    private static final Notification NOTIFICATION =
            notification("n-1", "ops", firing("a", "acme")).build();

    private final GreenMail server = new GreenMail(new ServerSetup[] {
        new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP),
        new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTPS)
    });

    EmailSenderTest() {
        server.start();
        GreenMailUser user = server.setUser("ops@example.com", "mailer", "s3cret");
        assertThat(user).isNotNull();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private Outcome send(Notification notification, String... settings) {
        Map<String, String> values = new HashMap<>(Map.of(
                "host", "127.0.0.1",
                "port", Integer.toString(server.getSmtp().getPort()),
                "security", "none",
                "timeout", "20s",
                "from", "Tokenmeter <alerts@usage.example.com>",
                "to", "ops@example.com"));
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        return EmailSender.from(FormatsTest.settings(values), "x.").send(notification);
    }

    @Test
    void aMailSaysWhatHappenedInTextAndHtmlWithALink() throws Exception {
        assertThat(send(NOTIFICATION)).isInstanceOf(Outcome.Delivered.class);

        MimeMessage mail = server.getReceivedMessages()[0];
        assertThat(mail.getSubject()).isEqualTo("Firing: budget threshold, tenant acme");
        assertThat(mail.getFrom()[0]).hasToString("Tokenmeter <alerts@usage.example.com>");
        assertThat(mail.getMessageID()).isEqualTo("<n-1@usage.example.com>");
        assertThat(mail.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        MimeMultipart parts = (MimeMultipart) mail.getContent();
        assertThat(text(parts, 0)).isEqualTo("""
                Firing, warning: Tenant acme has spent $812.40 of its $1,000.00 monthly budget 'Production' (81 %).
                https://usage.example.com/?tenant=acme#view-budgets
                """);
        assertThat(text(parts, 1))
                .contains("<b>Firing, warning</b><br>Tenant acme has spent $812.40")
                .contains("<a href=\"https://usage.example.com/?tenant=acme#view-budgets\">Show</a>");
    }

    private static String text(MimeMultipart parts, int part) throws Exception {
        return parts.getBodyPart(part).getContent().toString().replace("\r\n", "\n");
    }

    @Test
    void aNameCanAddNeitherHeadersNorMarkup() throws Exception {
        String name = "a\r\nBcc: victim@example.com\r\n\r\n<script>x</script>";
        send(notification("n-2", "ops", alert("a", name).build()).build());

        MimeMessage mail = server.getReceivedMessages()[0];
        assertThat(server.getReceivedMessages()).hasSize(1);
        assertThat(mail.getHeader("Bcc")).isNull();
        assertThat(mail.getSubject())
                .isEqualTo("Firing: budget threshold, tenant a Bcc: victim@example.com <script>x</script>");
        assertThat(text((MimeMultipart) mail.getContent(), 1)).doesNotContain("<script>");
    }

    @Test
    void mailsOfAGroupAreOneThreadAndTheSameNotificationIsOneMessage() throws Exception {
        send(NOTIFICATION);
        send(NOTIFICATION);
        send(notification("n-3", "ops", resolved(firing("a", "acme")))
                .setReason("resolved")
                .build());

        MimeMessage[] mails = server.getReceivedMessages();
        assertThat(mails[1].getMessageID()).isEqualTo(mails[0].getMessageID());
        assertThat(mails[2].getMessageID()).isNotEqualTo(mails[0].getMessageID());
        assertThat(mails[2].getHeader("References")).isEqualTo(mails[0].getHeader("References"));
        assertThat(mails[2].getSubject()).isEqualTo("Resolved: budget threshold, tenant acme");
    }

    @Test
    void whoLogsInIsLetIn() {
        server.getManagers().getUserManager().setAuthRequired(true);
        assertThat(send(NOTIFICATION, "username", "mailer", "password", "s3cret"))
                .isInstanceOf(Outcome.Delivered.class);
    }

    @Test
    void aWrongPasswordIsOneClearLineThatIsTriedAgain() {
        server.getManagers().getUserManager().setAuthRequired(true);
        Outcome outcome = send(NOTIFICATION, "username", "mailer", "password", "wr0ng");
        assertThat(outcome)
                .isEqualTo(
                        new Outcome.Failed("127.0.0.1:" + server.getSmtp().getPort() + " refused the login of mailer"));
    }

    @Test
    void aServerThatCannotProtectTheConnectionGetsNothing() {
        Outcome outcome = send(NOTIFICATION, "security", "starttls");
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        assertThat(outcome.said()).contains("STARTTLS is required").doesNotContain("\n");
        assertThat(server.getReceivedMessages()).isEmpty();
    }

    @Test
    void aCertificateThatNobodyVouchesForIsOneClearLine() {
        Outcome outcome = send(
                NOTIFICATION,
                "security",
                "tls",
                "port",
                Integer.toString(server.getSmtps().getPort()));
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        assertThat(outcome.said()).contains("127.0.0.1:").doesNotContain("\n");
        assertThat(server.getReceivedMessages()).isEmpty();
    }

    @Test
    void aServerThatIsNotThereIsTriedAgain() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        assertThat(send(NOTIFICATION, "port", Integer.toString(free))).isInstanceOf(Outcome.Failed.class);
    }

    @Test
    void whatTheServerRefusesForGoodIsRefusedAndWhatItPutsOffIsTriedAgain() throws Exception {
        assertThat(replying("550 5.1.1 no such user"))
                .isInstanceOf(Outcome.Refused.class)
                .extracting(Outcome::said)
                .asString()
                .contains("550 5.1.1 no such user");
        assertThat(replying("451 4.7.1 greylisted")).isInstanceOf(Outcome.Failed.class);
    }

    /** Sends to a server that answers each recipient like this. */
    private Outcome replying(String toRecipients) throws Exception {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> {
                try (Socket client = listening.accept()) {
                    client.getOutputStream().write("220 fake\r\n".getBytes());
                    var lines = new java.io.BufferedReader(new java.io.InputStreamReader(client.getInputStream()));
                    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                        String reply = line.startsWith("RCPT") ? toRecipients : "250 ok";
                        client.getOutputStream().write((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException e) {
                    // the client has gone
                }
            });
            thread.setDaemon(true);
            thread.start();
            return send(NOTIFICATION, "port", Integer.toString(listening.getLocalPort()));
        }
    }

    @Test
    void whatGreenMailTookIsWholeAscii() {
        send(notification("n-4", "ops", firing("a", "søk")).build());
        assertThat(GreenMailUtil.getWholeMessage(server.getReceivedMessages()[0]))
                .isASCII();
    }
}
