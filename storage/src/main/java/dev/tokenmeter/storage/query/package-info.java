/**
 * Questions to ClickHouse, typed: what may stand in SQL comes from the enums here, and every value is a bound parameter.
 * Each answer is exact. Blocking; for workers. Nothing here knows of HTTP, JSON or settings.
 */
package dev.tokenmeter.storage.query;
