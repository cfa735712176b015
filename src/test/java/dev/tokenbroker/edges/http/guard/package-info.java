/**
 * Tests of {@code edges.http.guard}.
 *
 * <p>Stand-ins and set-up: {@link HostileRequests}, {@link IdleConnections}, {@link LocalHttp},
 * {@link RawConnection}.
 */
@NullMarked
package dev.tokenbroker.edges.http.guard;

import org.jspecify.annotations.NullMarked;
