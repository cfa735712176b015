/**
 * Tests of {@code judge.credential}.
 *
 * <p>Stand-ins and set-up: {@link CredentialMutator}, {@link Evaluation}, {@link OnceIdentity},
 * {@link RelayedVerifier}, {@link TestCredential}, {@link TestIssuers}, {@link TestKeys}, {@link
 * TestVerifiers}, {@link TextMutator}, {@link TokenTraces}, {@link VerifiedIdentities}.
 */
@NullMarked
package dev.tokenbroker.judge.credential;

import org.jspecify.annotations.NullMarked;
