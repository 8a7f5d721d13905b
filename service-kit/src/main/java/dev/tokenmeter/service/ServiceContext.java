package dev.tokenmeter.service;

import io.micrometer.core.instrument.MeterRegistry;

/**
 * What a service is given besides its own config.
 *
 * @param kafka client settings
 * @param meters where to register metrics; Prometheus names are derived
 * @param health where to register checks
 */
public record ServiceContext(KafkaSettings kafka, MeterRegistry meters, Health health) {}
