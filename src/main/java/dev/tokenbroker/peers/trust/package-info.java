/**
 * In: trust stores, TLS settings, certificates that peers present. Out: who is trusted and why one
 * is refused. Calls nobody. Open {@code DefaultTrust} first.
 */
@NullMarked
package dev.tokenbroker.peers.trust;

import org.jspecify.annotations.NullMarked;
