package dev.tokenbroker.edge;

/**
 * An event at each interval in which {@link Readiness} may have changed, for the edges that report
 * it.
 */
public record ReadinessMayHaveChanged() {}
