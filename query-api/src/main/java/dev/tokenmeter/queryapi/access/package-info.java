/** Who asks, and for whose numbers: API tokens, and the guard of an API without any. */
package dev.tokenmeter.queryapi.access;
