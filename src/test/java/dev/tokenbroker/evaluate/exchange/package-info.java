/**
 * Tests of {@code evaluate.exchange}.
 *
 * <p>Stand-ins and set-up: {@link CapturedLog}, {@link ClientExchange}, {@link EmptyFederation},
 * {@link ExchangeMutator}, {@link GatedVerifier}, {@link Keeping}, {@link RevokingExchange}, {@link
 * SeededIssuer}, {@link TargetFailure}, {@link TestCacheSettings}, {@link TestClients}, {@link
 * TestExchange}, {@link TestVerdict}.
 */
@NullMarked
package dev.tokenbroker.evaluate.exchange;

import org.jspecify.annotations.NullMarked;
