/**
 * The ways in which people are reached: for each, its settings and the shape of its messages, after the vendor's document.
 * Addresses come from the settings alone; redirects are not followed; of answers only the beginning is read.
 */
package dev.tokenmeter.alerting.channel;
