package dev.tokenbroker.evaluate.federation;

/**
 * Event before another revision of the federation comes into force, for caches of earlier
 * decisions.
 */
public record NewRevision() {}
