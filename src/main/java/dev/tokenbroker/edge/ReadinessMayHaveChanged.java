package dev.tokenbroker.edge;

/**
 * Time has passed in which {@link Readiness} may have changed: told again and again to whoever
 * passes it on.
 */
public record ReadinessMayHaveChanged() {}
