/**
 * What binds a token to a key of its holder: proofs of possession that callers send (DPoP, RFC
 * 9449), certificates that their connections have proved (RFC 8705), and the {@code cnf} of a token
 * (RFC 7800). {@link dev.tokenbroker.possession.ProofVerifier} is the class to read first.
 *
 * <p>Owns the proof that a caller holds a key ({@link dev.tokenbroker.possession.ProvedKeys});
 * decides neither who may have a token nor whether one must be bound. Called by {@code policy},
 * {@code token}, {@code federation}, {@code exchange} and the edges.
 */
@NullMarked
package dev.tokenbroker.possession;

import org.jspecify.annotations.NullMarked;
