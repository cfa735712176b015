/**
 * In: the claims of verified credentials. Out: a change where an issuer's claims have a new shape:
 * types and masks, never a value. Open {@code IssuerShapes} first.
 */
@NullMarked
package dev.tokenbroker.operate.changes.shape;

import org.jspecify.annotations.NullMarked;
