/**
 * Where an event is safe from the moment its answer is complete until Kafka has acknowledged it: a RocksDB on the gateway's
 * disk. One thread writes (whoever waits shares one sync), one thread sends; event loops only hand over and get a
 * completion. Nothing here knows of HTTP or providers.
 */
package dev.tokenmeter.gateway.outbox;
