/**
 * What comes in: formats, unverified and verified credentials, time rules. Owns the proof that an
 * identity is verified ({@link dev.tokenbroker.credential.VerifiedIdentity}); does not fetch keys
 * and does not decide what an identity may have. Called by {@code policy} and {@code exchange}.
 *
 * <p>Read {@code JwtVerification} first: it holds the checks of one credential in their order. What
 * has only been parsed is called {@code UnverifiedJwt} and never leaves this package.
 */
@NullMarked
package dev.tokenbroker.credential;

import org.jspecify.annotations.NullMarked;
