/**
 * Credentials from their text to a verified identity: formats, claims, time rules. {@code
 * JwtVerification} holds the checks in their order; only it makes a {@link
 * dev.tokenbroker.credential.VerifiedIdentity}.
 */
@NullMarked
package dev.tokenbroker.credential;

import org.jspecify.annotations.NullMarked;
