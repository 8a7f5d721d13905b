package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.alerting.deliver.Outcome;
import dev.tokenmeter.alerting.deliver.Sender;
import dev.tokenmeter.schemas.Notification;
import dev.tokenmeter.service.Settings;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.MimeMessage;
import java.util.Arrays;
import java.util.OptionalInt;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends mails by SMTP, each over a connection of its own. What the server refuses for good (5xx, RFC 5321) is refused; what
 * it puts off (4xx), a failed login and anything below SMTP is worth another try. Each wait is bounded by the timeout.
 */
final class EmailSender implements Sender {
    private static final Logger LOG = LoggerFactory.getLogger(EmailSender.class);
    private static final int PERMANENT = 500;
    private static final int MOST_SHOWN = 200;

    private final EmailSettings settings;
    private final EmailMessage messages;

    private EmailSender(EmailSettings settings, EmailMessage messages) {
        this.settings = settings;
        this.messages = messages;
    }

    static EmailSender from(Settings settings, String prefix) {
        EmailSettings email = EmailSettings.from(settings, prefix);
        return new EmailSender(
                email,
                new EmailMessage(
                        email, Texts.plain(settings, prefix), Texts.escaped(settings, prefix, EmailMessage::escape)));
    }

    @Override
    public Outcome send(Notification notification) {
        Session session = Session.getInstance(settings.properties());
        try {
            MimeMessage message = messages.of(notification, session);
            Transport transport = session.getTransport();
            try {
                transport.connect(
                        settings.username().orElse(null),
                        settings.password().map(Secret::value).orElse(null));
                transport.sendMessage(message, message.getAllRecipients());
                return new Outcome.Delivered(server() + " took the mail");
            } finally {
                close(transport);
            }
        } catch (MessagingException e) {
            return outcome(e);
        }
    }

    /** What the server has it has, also when it does not say goodbye. */
    private static void close(Transport transport) {
        try {
            transport.close();
        } catch (MessagingException e) {
            LOG.debug("a mail server did not close its connection well", e);
        }
    }

    private Outcome outcome(MessagingException failure) {
        if (failure instanceof AuthenticationFailedException) {
            return new Outcome.Failed(
                    server() + " refused the login of " + settings.username().orElse("nobody"));
        }
        String said = server() + ": " + described(failure);
        if (failure instanceof SendFailedException partly
                && partly.getValidSentAddresses() != null
                && partly.getValidSentAddresses().length > 0) {
            return new Outcome.Delivered(
                    said + "; only " + Arrays.toString(partly.getValidSentAddresses()) + " got it");
        }
        OptionalInt code = code(failure);
        return code.isPresent() && code.getAsInt() >= PERMANENT ? new Outcome.Refused(said) : new Outcome.Failed(said);
    }

    /** The most telling of the nested failures, on one line. */
    private static String described(MessagingException failure) {
        Exception deepest = failure;
        while (deepest instanceof MessagingException one && one.getNextException() != null) {
            deepest = one.getNextException();
        }
        String text = deepest.getMessage() == null ? deepest.getClass().getSimpleName() : deepest.getMessage();
        return Json.bounded(text.replaceAll("\\p{Cntrl}+", " ").strip(), MOST_SHOWN);
    }

    /** The reply code of the deepest failure that has one: of an address rather than of the whole. */
    private static OptionalInt code(MessagingException failure) {
        OptionalInt code = OptionalInt.empty();
        for (Exception cause = failure; cause instanceof MessagingException one; cause = one.getNextException()) {
            if (cause instanceof SMTPAddressFailedException address) {
                code = OptionalInt.of(address.getReturnCode());
            } else if (cause instanceof SMTPSenderFailedException sender) {
                code = OptionalInt.of(sender.getReturnCode());
            } else if (cause instanceof SMTPSendFailedException send) {
                code = OptionalInt.of(send.getReturnCode());
            }
        }
        return code;
    }

    private String server() {
        return settings.host() + ":" + settings.port();
    }
}
