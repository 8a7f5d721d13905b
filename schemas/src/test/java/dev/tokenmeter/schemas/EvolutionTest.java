package dev.tokenmeter.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaParser;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Services of two releases run side by side, so each must read what the other wrote. */
class EvolutionTest {
    private static final Path RELEASED = Path.of("src/test/resources/released/v1");
    private static final List<String> ENUMS =
            List.of("Outcome.avsc", "UsageSource.avsc", "Granularity.avsc", "AlertState.avsc");

    static Stream<String> records() throws IOException {
        try (Stream<Path> files = Files.list(RELEASED)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !ENUMS.contains(name))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("records")
    void everyRecordReadsAndIsReadByItsReleasedVersion(String file) throws Exception {
        Schema released = released(file);
        Schema current = (Schema) Class.forName(released.getFullName())
                .getMethod("getClassSchema")
                .invoke(null);
        assertThat(compatibility(current, released)).as("new reads old").isEqualTo(SchemaCompatibilityType.COMPATIBLE);
        assertThat(compatibility(released, current)).as("old reads new").isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getType();
    }

    private static Schema released(String file) throws IOException {
        SchemaParser parser = new SchemaParser();
        for (String name : ENUMS) {
            parser.parse(RELEASED.resolve(name));
        }
        return parser.parse(RELEASED.resolve(file)).mainSchema();
    }
}
