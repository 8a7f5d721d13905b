package dev.tokenmeter.schemas.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatcherTest {
    private static final Map<String, String> LABELS = Map.of("tenant", "acme", "tag.team", "growth \"x\"");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tenant=acme",
                "tenant = acme ",
                "tenant=\"acme\"",
                "tenant!=beta",
                "tenant=~ac.*",
                "tenant=~acme|beta",
                "tag.team=\"growth \\\"x\\\"\"",
                "model=",
                "model=\"\"",
                "model!=gpt-4o",
                "model!~.+"
            })
    void itHoldsAsAlertmanagersDoes(String text) {
        assertThat(Matcher.parse(text).matches(LABELS)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tenant=beta", "tenant!=acme", "tenant=~ac", "tenant!~ac.*", "model=~.+", "tenant=Acme"})
    void itDoesNotHoldAsAlertmanagersDoesNot(String text) {
        assertThat(Matcher.parse(text).matches(LABELS)).isFalse();
    }

    @Test
    void itIsWrittenInAlertmanagersWay() {
        assertThat(Matcher.parse("tag.team = growth \"x\"")).hasToString("tag.team=\"growth \\\"x\\\"\"");
        assertThat(Matcher.parse(Matcher.parse("tag.team = growth \"x\"").toString())
                        .matches(LABELS))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "tenant", "=acme", "1tenant=a", "tenant=~(", "tenant=\"acme", "tenant=\"", "tenant=~(?=x)"})
    void whatIsNoneIsRefusedWithWhatIsAllowed(String text) {
        assertThatThrownBy(() -> Matcher.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
