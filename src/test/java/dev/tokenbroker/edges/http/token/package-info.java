/**
 * Tests of {@code edges.http.token}.
 *
 * <p>Stand-ins and set-up: {@link TokenClient}.
 */
@NullMarked
package dev.tokenbroker.edges.http.token;

import org.jspecify.annotations.NullMarked;
