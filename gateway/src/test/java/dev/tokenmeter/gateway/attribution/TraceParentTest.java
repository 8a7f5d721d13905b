package dev.tokenmeter.gateway.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SPAN = "b7ad6b7169203331";

    private static String traceId(String header) {
        return TraceParent.traceId(MultiMap.caseInsensitiveMultiMap().add("traceparent", header));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00-%s-%s-01", " 00-%s-%s-00 ", "cc-%s-%s-01-what-the-future-will-be-like", "01-%s-%s-01-"})
    void theTraceOfAWellFormedHeaderIsTheCalls(String header) {
        assertThat(traceId(header.formatted(TRACE, SPAN))).isEqualTo(TRACE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
                "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
                "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
                "",
            })
    void aMalformedHeaderIsIgnored(String header) {
        assertThat(traceId(header)).isNull();
    }
}
