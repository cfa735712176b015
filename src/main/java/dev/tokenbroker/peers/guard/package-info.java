/**
 * In: an attempt at a peer. Out: its end, or a rejection before it was made, so that attempts stay
 * within a proved bound. Open {@code PeerGuard} first, then {@code GuardState}.
 */
@NullMarked
package dev.tokenbroker.peers.guard;

import org.jspecify.annotations.NullMarked;
