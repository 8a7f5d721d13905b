package dev.tokenmeter.alerting;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsdTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0                    | $0.00
            812.4                | $812.40
            1000                 | $1,000.00
            1234567.891          | $1,234,567.89
            0.005                | $0.005
            0.01                 | $0.01
            0.015                | $0.02
            2.345                | $2.35
            0.004567             | $0.0046
            0.000000000001       | $0.000000000001
            0.0099999            | $0.01
            99999999999999999.99 | $99,999,999,999,999,999.99
            -5.555               | -$5.56
            """)
    void amountsAreRoundedForPeople(BigDecimal amount, String text) {
        assertThat(Usd.format(amount)).isEqualTo(text);
    }
}
