package dev.tokenmeter.gateway.key;

/**
 * Why a key may not be used for a call.
 *
 * @param code a stable word for machines
 * @param message names what was asked for and what is allowed
 */
public record Denial(String code, String message) {}
