/**
 * Whose call it is: the key that made it, the tenant that pays for it, the tags it counts under. Secrets are hashed on the
 * way in and appear in no event, log or metric.
 */
package dev.tokenmeter.gateway.attribution;
