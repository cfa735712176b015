package dev.tokenbroker.edge;

/**
 * The process was asked to stop, and goes on serving for a while: told to whoever says whether it
 * is ready.
 */
public record Stopping() {}
