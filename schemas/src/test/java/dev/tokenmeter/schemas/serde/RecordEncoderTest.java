package dev.tokenmeter.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenmeter.schemas.Granularity;
import dev.tokenmeter.schemas.Outcome;
import dev.tokenmeter.schemas.UsageEvent;
import dev.tokenmeter.schemas.UsageRollup;
import dev.tokenmeter.schemas.UsageSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.apache.avro.AvroTypeException;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;

class RecordEncoderTest {
    private static final byte[] HEAD = {1, 2, 3};
    private final RecordEncoder encoder = new RecordEncoder(UsageEvent.getClassSchema());

    private static byte[] byAvro(UsageEvent event) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(HEAD);
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        new SpecificDatumWriter<>(UsageEvent.class).write(event, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    private static UsageEvent.Builder event() {
        return UsageEvent.newBuilder()
                .setEventId(UUID.randomUUID())
                .setOccurredAt(Instant.parse("2026-01-01T00:00:00.123456Z"))
                .setGatewayId("g")
                .setTenant("t")
                .setApiKeyId("k")
                .setProvider("p")
                .setModel("m")
                .setOperation("chat");
    }

    @Property(tries = 300)
    void anEventHasTheBytesThatAvroGivesIt(
            @ForAll @StringLength(max = 700) String text,
            @ForAll @Size(max = 5) Map<String, String> tags,
            @ForAll @BigRange(min = "-99999999999999999999", max = "99999999999999999999") BigInteger amount,
            @ForAll long count,
            @ForAll int status,
            @ForAll boolean given,
            @ForAll Outcome outcome)
            throws IOException {
        BigDecimal money = new BigDecimal(amount, 12);
        UsageEvent event = event().setProviderRequestId(given ? text : null)
                .setModel(text)
                .setTags(tags)
                .setOutcome(outcome)
                .setUsageSource(given ? UsageSource.partial : UsageSource.provider)
                .setOccurredAt(Instant.ofEpochSecond(status, 999_999_000))
                .setHttpStatus(given ? status : null)
                .setUncachedInputTokens(count)
                .setUnits(Map.of("seconds", money))
                .setCostUsd(given ? money : null)
                .setCostParts(given ? Map.of("text_output_tokens", money) : Map.of())
                .setTimeToFirstTokenMs(given ? count : null)
                .setCorrectedAt(given ? Instant.ofEpochSecond(-1, 1_000) : null)
                .build();
        assertThat(encoder.encode(event, HEAD)).isEqualTo(byAvro(event));
    }

    @Test
    void anAmountOfFewerDigitsIsWrittenAndOneOfMoreIsRefusedAsByAvro() throws IOException {
        UsageEvent fewer = event().setCostUsd(new BigDecimal("0.1")).build();
        assertThat(encoder.encode(fewer, HEAD)).isEqualTo(byAvro(fewer));
        for (String tooLong : new String[] {"0.1234567890123", "123456789012345678901234567.0"}) {
            UsageEvent event = event().setCostUsd(new BigDecimal(tooLong)).build();
            assertThatThrownBy(() -> byAvro(event)).isInstanceOf(AvroTypeException.class);
            assertThatThrownBy(() -> encoder.encode(event, HEAD)).isInstanceOf(AvroTypeException.class);
        }
    }

    @Test
    void aSchemaThatItCannotEncodeIsRefusedBeforeTheFirstRecord() {
        Schema withList = SchemaBuilder.record("r")
                .fields()
                .name("l")
                .type()
                .array()
                .items()
                .stringType()
                .noDefault()
                .endRecord();
        assertThatThrownBy(() -> new RecordEncoder(withList)).isInstanceOf(IllegalArgumentException.class);
        assertThat(RecordEncoder.canEncode(withList)).isFalse();
    }

    @Test
    void aDateIsRefusedAndNotTakenForANumber() {
        Schema withDate = SchemaBuilder.record("r")
                .fields()
                .name("d")
                .type(LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT)))
                .noDefault()
                .endRecord();
        assertThat(RecordEncoder.canEncode(withDate)).isFalse();
    }

    @Test
    void theSerializerWritesARollupAsAvroDoes() throws IOException {
        assertThat(RecordEncoder.canEncode(UsageRollup.getClassSchema())).isTrue();
        UsageRollup rollup = UsageRollup.newBuilder()
                .setWindowStart(Instant.EPOCH)
                .setWindowEnd(Instant.EPOCH.plusSeconds(3600))
                .setGranularity(Granularity.hour)
                .setDimensionGroup("detail")
                .setDimensions(Map.of("tenant", "t"))
                .setCostUsd(new BigDecimal("1.000000000001"))
                .setCostParts(Map.of("input", BigDecimal.ONE))
                .setLatencyMsHistogram(Map.of("320", 2L))
                .build();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(HEAD);
        BinaryEncoder avro = EncoderFactory.get().directBinaryEncoder(out, null);
        new SpecificDatumWriter<>(UsageRollup.class).write(rollup, avro);
        avro.flush();
        assertThat(new RecordEncoder(UsageRollup.getClassSchema()).encode(rollup, HEAD))
                .isEqualTo(out.toByteArray());
    }
}
