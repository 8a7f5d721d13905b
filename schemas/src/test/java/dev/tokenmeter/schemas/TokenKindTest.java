package dev.tokenmeter.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class TokenKindTest {
    @Test
    void everyTokenFieldOfEventAndRollupIsAKindAndNothingElseIs() {
        List<String> kinds =
                Arrays.stream(TokenKind.values()).map(TokenKind::field).toList();
        assertThat(tokenFields(UsageEvent.getClassSchema())).isEqualTo(kinds);
        assertThat(tokenFields(UsageRollup.getClassSchema())).isEqualTo(kinds);
    }

    private static List<String> tokenFields(Schema schema) {
        return schema.getFields().stream()
                .map(Schema.Field::name)
                .filter(name -> name.endsWith("_input_tokens") || name.endsWith("_output_tokens"))
                .toList();
    }
}
