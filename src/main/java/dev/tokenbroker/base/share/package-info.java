/**
 * The shares of callers in the bounded memories that they fill, and their rates. In: a memory, and
 * who takes a place in it. Out: whether that one may, or the refusal that it alone gets. Open {@code
 * Bounded} first.
 */
@NullMarked
package dev.tokenbroker.base.share;

import org.jspecify.annotations.NullMarked;
