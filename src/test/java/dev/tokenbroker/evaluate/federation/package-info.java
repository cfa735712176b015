/**
 * Tests of {@code evaluate.federation}.
 *
 * <p>Stand-ins and set-up: {@link DocumentClues}, {@link DocumentSettings}, {@link Documented},
 * {@link Watching}.
 */
@NullMarked
package dev.tokenbroker.evaluate.federation;

import org.jspecify.annotations.NullMarked;
