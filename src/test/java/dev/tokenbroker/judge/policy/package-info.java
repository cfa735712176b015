/**
 * Tests of {@code judge.policy}.
 *
 * <p>Stand-ins and set-up: {@link ExchangeGrants}, {@link Grants}, {@link RuledGrants}.
 */
@NullMarked
package dev.tokenbroker.judge.policy;

import org.jspecify.annotations.NullMarked;
