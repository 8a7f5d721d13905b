package dev.tokenmeter.alerting.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.alerting.deliver.Receiver;
import dev.tokenmeter.service.SettingException;
import dev.tokenmeter.service.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReceiversTest {
    @TempDir
    private Path folder;

    @Test
    void secretsMayComeFromFilesAndTheEnvironment() throws IOException {
        Path key = Files.writeString(folder.resolve("key"), "R0\n");
        Settings settings = Settings.load(
                Files.writeString(folder.resolve("s.yaml"), """
                        alerting:
                          receivers:
                            pager: {type: pagerduty, routing-key-file: %s, send-resolved: false, retry-for: 2h}
                            chat: {type: slack}
                            mail: {type: email, host: smtp.example.com, from: a@example.com, to: [b@example.com]}
                        """.formatted(key)),
                Map.of("TOKENMETER_ALERTING_RECEIVERS_CHAT_URL", "https://hooks.example.com/s3cret"),
                Map.of());
        List<Receiver> receivers = Receivers.from(settings);
        settings.rejectUnknown(Set.of("alerting"));
        assertThat(receivers).extracting(Receiver::name).containsExactly("chat", "mail", "pager");
        assertThat(receivers.get(2).tellResolved()).isFalse();
        assertThat(receivers.get(2).retry().retryFor()).hasHours(2);
        assertThat(receivers.toString()).doesNotContain("s3cret").doesNotContain("R0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x: {url: 'http://a'} | alerting.receivers.x.type: | not set",
                "x: {type: pigeon} | alerting.receivers.x.type | webhook, slack, teams, email, pagerduty, opsgenie, alertmanager",
                "X_1: {type: slack} | alerting.receivers.X_1.type | lower-case",
                "x: {type: slack} | alerting.receivers.x.url | or alerting.receivers.x.url-file",
                "x: {type: slack, url: 'ftp://s3cret'} | alerting.receivers.x.url | http or https",
                "x: {type: slack, url-file: /nowhere} | alerting.receivers.x.url-file | cannot read /nowhere",
                "x: {type: pagerduty} | alerting.receivers.x.routing-key | not set",
                "x: {type: opsgenie, api-key: 's3cret key'} | alerting.receivers.x.api-key | visible ASCII",
                "x: {type: opsgenie} | alerting.receivers.x.api-key | not set",
                "x: {type: webhook, url: 'http://a', timeout: 1h} | alerting.receivers.x.timeout | from 1ms to 5m",
                "x: {type: webhook, url: 'http://a', retry-for: 30d} | alerting.receivers.x.retry-for | at most 6d",
                "x: {type: webhook, url: 'http://a', min-back-off: 1h} | alerting.receivers.x.max-back-off | at least min-back-off",
                "x: {type: webhook, url: 'http://a', headers: {'A B': c}} | alerting.receivers.x.headers | visible ASCII",
                "x: {type: webhook, url: 'http://a', headers: {Host: c}} | alerting.receivers.x.headers | client's own",
                "x: {type: webhook, url: 'http://a', tls: {ca-file: /nowhere}} | alerting.receivers.x.tls.ca-file | PEM",
                "x: {type: slack, url: 'http://a', text: '{{#a}}'} | alerting.receivers.x.text | Mustache",
                "x: {type: email} | alerting.receivers.x.host | not set",
                "x: {type: email, host: h, from: a@b.c} | alerting.receivers.x.to | 1 to 50 addresses",
                "x: {type: email, host: h, from: nobody, to: [a@b.c]} | alerting.receivers.x.from | found 'nobody'",
                "x: {type: email, host: h, from: a@b.c, to: ['a@b.c, d@e.f g']} | alerting.receivers.x.to | an address",
                "x: {type: email, host: h, from: a@b.c, to: [a@b.c], username: u} | alerting.receivers.x.password | both",
                "x: {type: email, host: h, from: a@b.c, to: [a@b.c], security: some} | alerting.receivers.x.security | starttls, tls, none",
            })
    void aWrongSettingIsOneClearErrorThatShowsNoSecret(String yaml, String setting, String told) throws IOException {
        Settings settings = Settings.load(
                Files.writeString(folder.resolve("s.yaml"), "alerting: {receivers: {" + yaml + "}}\n"),
                Map.of(),
                Map.of());
        assertThatThrownBy(() -> Receivers.from(settings))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(setting.replace(":", ""))
                .hasMessageContaining(told)
                .hasMessageNotContaining("s3cret");
    }
}
