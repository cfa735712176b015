/**
 * Which TLS certificates are trusted, and why one is refused: trust stores without expired
 * authorities, the trust of this machine, and the evidence for refusals. Decides nothing about
 * addresses or calls: {@code outbound} does.
 */
@NullMarked
package dev.tokenbroker.trust;

import org.jspecify.annotations.NullMarked;
