/**
 * Turns the text of a credential into a verified identity: format, claims, signature, time,
 * audience. {@code JwtVerification} runs the checks in order. It alone creates a {@link
 * dev.tokenbroker.credential.VerifiedIdentity} for an exchange. Rules and tokens are the concern of
 * other packages.
 */
@NullMarked
package dev.tokenbroker.credential;

import org.jspecify.annotations.NullMarked;
