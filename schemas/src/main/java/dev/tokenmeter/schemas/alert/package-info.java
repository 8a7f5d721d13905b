/**
 * What a silence's definition means, for the control plane that takes it and alerting that goes by it. Pure; no I/O.
 */
package dev.tokenmeter.schemas.alert;
