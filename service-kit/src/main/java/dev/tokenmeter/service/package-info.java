/**
 * What every service has and none owns: {@link dev.tokenmeter.service.Settings} read from one YAML file and the
 * environment, {@link dev.tokenmeter.service.KafkaSettings}, health and metrics behind
 * {@link dev.tokenmeter.service.ManagementServer}, and {@link dev.tokenmeter.service.ServiceMain} to start and stop on
 * its own. No business logic belongs here.
 */
package dev.tokenmeter.service;
