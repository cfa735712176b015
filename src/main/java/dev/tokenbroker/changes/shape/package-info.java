/**
 * The shapes of the claims of each issuer: learns them from credentials whose signature is
 * verified, and reports a new one as a change. It keeps types and masks, never a value, and decides
 * nothing.
 */
@NullMarked
package dev.tokenbroker.changes.shape;

import org.jspecify.annotations.NullMarked;
