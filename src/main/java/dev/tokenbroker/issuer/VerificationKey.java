package dev.tokenbroker.issuer;

/** Placeholder to be replaced by the issuer work. */
public final class VerificationKey {}
