/** Content codings, undone piece by piece and bounded, for reading only: what travels on keeps its bytes. */
package dev.tokenmeter.gateway.coding;
