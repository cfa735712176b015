package dev.tokenbroker.edges.edge;

/**
 * The event that {@link Readiness} may have changed. It is fired once a second, for the edges that
 * report readiness.
 */
public record ReadinessMayHaveChanged() {}
