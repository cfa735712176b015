/**
 * Proofs that a caller holds a key: DPoP (RFC 9449), client certificates (RFC 8705), and the {@code
 * cnf} of a token (RFC 7800). Only this package makes a {@link
 * dev.tokenbroker.possession.ProvedKeys}.
 */
@NullMarked
package dev.tokenbroker.possession;

import org.jspecify.annotations.NullMarked;
