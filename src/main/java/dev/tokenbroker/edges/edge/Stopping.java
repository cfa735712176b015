package dev.tokenbroker.edges.edge;

/**
 * The event that the process was asked to stop. The broker reports not ready, and keeps serving for
 * a while.
 */
public record Stopping() {}
