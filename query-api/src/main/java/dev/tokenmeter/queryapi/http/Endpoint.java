package dev.tokenmeter.queryapi.http;

import dev.tokenmeter.queryapi.problem.Problem;

/** Answers a request; blocking, on a worker. */
public interface Endpoint {
    /** @throws Problem.Exception for an error that the client is told of */
    ApiAnswer answer(ApiRequest request);
}
