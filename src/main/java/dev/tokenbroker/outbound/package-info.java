/**
 * Every call that leaves the process: the HTTP client, the addresses it refuses, its TLS, and the
 * guard that bounds the calls to one peer ({@code PeerGuard}).
 */
@NullMarked
package dev.tokenbroker.outbound;

import org.jspecify.annotations.NullMarked;
