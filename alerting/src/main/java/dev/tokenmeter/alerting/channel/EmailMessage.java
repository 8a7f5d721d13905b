package dev.tokenmeter.alerting.channel;

import dev.tokenmeter.schemas.Alert;
import dev.tokenmeter.schemas.Notification;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.util.Date;

/**
 * A notification as a mail, in plain text and HTML. Its id is the notification's, so that mail systems know it again; mails
 * of one group are one thread.
 */
final class EmailMessage {
    private static final int MOST_SUBJECT = 200;

    private final EmailSettings settings;
    private final Texts plain;
    private final Texts html;

    EmailMessage(EmailSettings settings, Texts plain, Texts html) {
        this.settings = settings;
        this.plain = plain;
        this.html = html;
    }

    /** For text and for attributes in quotes. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    MimeMessage of(Notification notification, Session session) throws MessagingException {
        String domain = settings.from().getAddress().replaceFirst("^.*@", "");
        MimeMessage message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", "<" + notification.getNotificationId() + "@" + domain + ">");
            }
        };
        message.setFrom(settings.from());
        message.setRecipients(Message.RecipientType.TO, settings.to().toArray(InternetAddress[]::new));
        message.setSubject(subject(notification), "UTF-8");
        message.setSentDate(Date.from(notification.getCreatedAt()));
        message.setHeader("References", "<" + Facts.groupId(notification) + "@" + domain + ">");
        message.setHeader("Auto-Submitted", "auto-generated"); // RFC 3834: no out-of-office answers
        MimeMultipart both = new MimeMultipart("alternative");
        both.addBodyPart(part(text(notification), "plain"));
        both.addBodyPart(part(page(notification), "html"));
        message.setContent(both);
        message.saveChanges();
        return message;
    }

    private static MimeBodyPart part(String text, String subtype) throws MessagingException {
        MimeBodyPart part = new MimeBodyPart();
        part.setText(text, "UTF-8", subtype);
        return part;
    }

    /** On one line also where the template has more: a line break would begin another header. */
    private String subject(Notification notification) {
        return Json.bounded(Texts.oneLine(plain.title(notification)), MOST_SUBJECT);
    }

    private String text(Notification notification) {
        StringBuilder text = new StringBuilder();
        for (Alert alert : notification.getAlerts()) {
            text.append(Facts.state(alert))
                    .append(": ")
                    .append(plain.text(alert))
                    .append('\n');
            if (alert.getPageUrl() != null) {
                text.append(alert.getPageUrl()).append('\n');
            }
            text.append('\n');
        }
        return text.append(Facts.more(notification, Integer.MAX_VALUE))
                        .toString()
                        .strip() + "\n";
    }

    private String page(Notification notification) {
        StringBuilder page = new StringBuilder("<!DOCTYPE html><html><body style=\"font-family:sans-serif\">");
        for (Alert alert : notification.getAlerts()) {
            page.append("<p><b>")
                    .append(escape(Facts.state(alert)))
                    .append("</b><br>")
                    .append(html.text(alert));
            if (alert.getPageUrl() != null) {
                page.append("<br><a href=\"").append(escape(alert.getPageUrl())).append("\">Show</a>");
            }
            page.append("</p>");
        }
        String more = Facts.more(notification, Integer.MAX_VALUE);
        return page.append(more.isEmpty() ? "" : "<p>" + more + "</p>")
                .append("</body></html>")
                .toString();
    }
}
