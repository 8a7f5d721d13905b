package dev.tokenmeter.aggregator;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class PackedTest {
    private static final int VERSION = 1;
    private final KnownTexts texts = new KnownTexts();

    @Property
    void whatIsWrittenIsReadAgain(
            @ForAll @StringLength(max = 200) String text,
            @ForAll long number,
            @ForAll @BigRange(min = "-99999999999999999999999999", max = "99999999999999999999999999")
                    BigInteger amount,
            @ForAll @Size(max = 5) Map<@StringLength(max = 20) String, Long> map) {
        BigDecimal money = new BigDecimal(amount, 12);
        byte[] bytes = new PackedWriter(VERSION)
                .text(text)
                .number(number)
                .money(money)
                .map(map, PackedWriter::number)
                .toBytes();

        PackedReader in = new PackedReader(bytes, VERSION, texts);
        assertThat(in.text()).isEqualTo(text);
        assertThat(in.number()).isEqualTo(number);
        assertThat(in.money()).isEqualTo(money);
        assertThat(in.map(PackedReader::number)).isEqualTo(map);
    }

    @Test
    void amountsAtTheEdgeOfALongComeBack() {
        for (String unscaled : new String[] {
            "0",
            "-1",
            "127",
            "128",
            "-128",
            "-129",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808"
        }) {
            BigDecimal money = new BigDecimal(new BigInteger(unscaled), 12);
            byte[] bytes = new PackedWriter(VERSION).money(money).toBytes();
            assertThat(new PackedReader(bytes, VERSION, texts).money()).isEqualTo(money);
        }
    }

    @Test
    void aTextThatWasReadBeforeIsTheSameString() {
        byte[] bytes = new PackedWriter(VERSION).text("tenant").text("tenant").toBytes();
        PackedReader in = new PackedReader(bytes, VERSION, texts);
        assertThat(in.text()).isSameAs(in.text()).isEqualTo("tenant");
    }
}
