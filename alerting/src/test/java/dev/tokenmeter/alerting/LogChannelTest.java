package dev.tokenmeter.alerting;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogChannelTest {
    @Test
    void aNameWithLineBreaksStaysOneLineOfTheLog() {
        assertThat(LogChannel.oneLine("budget x\r\n12:00 ERROR forged\u2028more"))
                .isEqualTo("budget x 12:00 ERROR forged more");
    }
}
