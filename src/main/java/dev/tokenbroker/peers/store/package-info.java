/**
 * In: names, claims and values that replicas share. Out: who was first, and what others wrote; in
 * memory, or in a Valkey or Redis server. Does not know what a name stands for. Open {@code
 * SharedStore} first.
 */
@NullMarked
package dev.tokenbroker.peers.store;

import org.jspecify.annotations.NullMarked;
