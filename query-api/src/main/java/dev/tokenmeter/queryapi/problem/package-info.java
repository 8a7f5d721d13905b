/** Errors as clients see them, for all endpoints alike. */
package dev.tokenmeter.queryapi.problem;
