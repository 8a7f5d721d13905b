/**
 * What operators see of calls: metrics and spans by OpenTelemetry's conventions for generative AI, and an access log. All of
 * it is made of the usage event, so it holds nothing of prompts, answers or secrets; none of it ever blocks an event loop:
 * queues are bounded, and what finds no room is counted.
 */
package dev.tokenmeter.gateway.observe;
