package dev.tokenmeter.gateway.proxy;

import dev.tokenmeter.gateway.dialect.HeaderUsage;
import dev.tokenmeter.gateway.dialect.RequestFields;
import dev.tokenmeter.gateway.dialect.UsageReading;
import io.vertx.core.http.HttpClientResponse;

/** Puts together what an answer's body, its header and its request say of a call's usage. */
final class AnswerUsage {
    private static final int OK = 200;
    private static final int REDIRECTS = 300;

    private AnswerUsage() {}

    static UsageReading of(Call call, HttpClientResponse answer, RequestFields request, UsageReading body) {
        String tierHeader = call.dialect().serviceTierHeader();
        UsageReading reading = tierHeader == null ? body : body.orServiceTier(answer.getHeader(tierHeader));
        boolean served = answer.statusCode() >= OK && answer.statusCode() < REDIRECTS && !reading.error();
        if (!served || !call.metered()) {
            return reading;
        }
        return call.dialect().withRequest(call.operation(), request, HeaderUsage.complete(reading, answer::getHeader));
    }
}
