/**
 * What comes in: formats, unverified and verified credentials, time rules. Owns the proof that an
 * identity is verified; does not decide what it may have. Called by {@code policy} and {@code
 * exchange}.
 */
@NullMarked
package dev.tokenbroker.credential;

import org.jspecify.annotations.NullMarked;
