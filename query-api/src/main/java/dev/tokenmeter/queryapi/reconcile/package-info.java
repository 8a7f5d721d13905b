/** Our figures beside those of providers' own exports, and why they differ. What may be imported is in {@code bills}. */
package dev.tokenmeter.queryapi.reconcile;
