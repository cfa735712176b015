/**
 * Tests of {@code edges.http}.
 *
 * <p>Stand-ins and set-up: {@link HostileRequests}, {@link IdleConnections}, {@link LocalHttp},
 * {@link RawConnection}, {@link TokenClient}.
 */
@NullMarked
package dev.tokenbroker.edges.http;

import org.jspecify.annotations.NullMarked;
