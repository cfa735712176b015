package dev.tokenbroker.policy;

/** Placeholder to be replaced by the policy work. */
public final class Policy {}
