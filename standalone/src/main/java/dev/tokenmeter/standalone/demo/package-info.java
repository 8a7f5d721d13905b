/**
 * What {@code ./tokenmeter demo} adds to {@code run}: a provider that costs nothing, companies that call it, and a month
 * of their past. All of it uses the product from outside, by HTTP and Kafka, as a user would.
 */
package dev.tokenmeter.standalone.demo;
