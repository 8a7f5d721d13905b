package dev.tokenmeter.schemas.serde;

import org.apache.avro.Schema;

/** Confluent's three standard ways to derive a registry subject from topic and record. */
enum SubjectNameStrategy {
    TOPIC_NAME("TopicNameStrategy"),
    RECORD_NAME("RecordNameStrategy"),
    TOPIC_RECORD_NAME("TopicRecordNameStrategy");

    private static final String CONFLUENT_PACKAGE = "io.confluent.kafka.serializers.subject.";

    private final String simpleName;

    SubjectNameStrategy(String simpleName) {
        this.simpleName = simpleName;
    }

    String subject(String topic, boolean key, Schema schema) {
        return switch (this) {
            case TOPIC_NAME -> topic + (key ? "-key" : "-value");
            case RECORD_NAME -> schema.getFullName();
            case TOPIC_RECORD_NAME -> topic + "-" + schema.getFullName();
        };
    }

    /** Accepts Confluent's class name, full or simple. */
    static SubjectNameStrategy of(String setting, String found) {
        for (SubjectNameStrategy strategy : values()) {
            if (found.equals(strategy.simpleName) || found.equals(CONFLUENT_PACKAGE + strategy.simpleName)) {
                return strategy;
            }
        }
        throw new org.apache.kafka.common.config.ConfigException(
                setting, found, "allowed: TopicNameStrategy, RecordNameStrategy, TopicRecordNameStrategy");
    }
}
