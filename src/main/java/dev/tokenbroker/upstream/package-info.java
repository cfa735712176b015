/**
 * Every call that leaves the process, behind one door ({@code UpstreamClient}), and what bounds
 * those to an upstream ({@code PeerGuard}). Owns the HTTP client, its limits, its TLS and the
 * addresses it refuses, the retry budget and the circuit of each peer, and what lets these outlive
 * the federation that names the peer ({@code Retained}); knows nothing of keys or tokens. Called by
 * {@code issuer} and {@code token}.
 */
@NullMarked
package dev.tokenbroker.upstream;

import org.jspecify.annotations.NullMarked;
