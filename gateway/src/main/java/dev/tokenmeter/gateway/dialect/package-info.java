/**
 * How each family of providers speaks: which call bills what, where the usage stands in its answers, how it counts, how
 * it words an error. One class a wire shape. Nothing here knows of connections, tenants, prices or topics.
 */
package dev.tokenmeter.gateway.dialect;
