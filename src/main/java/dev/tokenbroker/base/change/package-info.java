/**
 * In: what somebody noticed about a peer, a key, a file or the federation. Out: one {@code Change}
 * for its listeners. Open {@code ChangeKind} first.
 */
@NullMarked
package dev.tokenbroker.base.change;

import org.jspecify.annotations.NullMarked;
