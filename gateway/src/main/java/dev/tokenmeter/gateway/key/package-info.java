/** What a virtual key may be used for: providers, operations, models. Knows neither HTTP nor where keys are kept. */
package dev.tokenmeter.gateway.key;
