/**
 * All services in one process on the embedded servers, and the command line that starts them. It composes and adds
 * nothing to any service's logic.
 */
package dev.tokenmeter.standalone;
