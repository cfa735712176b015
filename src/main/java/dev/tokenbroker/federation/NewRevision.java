package dev.tokenbroker.federation;

/**
 * Another revision of the federation is about to come into force: told to whoever keeps what the
 * one before decided.
 */
public record NewRevision() {}
