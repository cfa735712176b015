package dev.tokenbroker.edge;

/**
 * The event that the process was asked to stop, and goes on serving for a while: health becomes not
 * ready.
 */
public record Stopping() {}
