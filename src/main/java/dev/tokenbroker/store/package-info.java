/**
 * What replicas share: claims that only one of them can make. {@link
 * dev.tokenbroker.store.SharedStore} is in memory, or in a Valkey or Redis server.
 *
 * <p>The package owns names, keys and values in the store, and what happens while the store does
 * not answer. It also knows which replicas are up, and which of their facts are not equal. It does
 * not know what a name stands for, and does not decide what follows from a claim: its callers do.
 * It is the only package that uses the Redis client.
 */
@NullMarked
package dev.tokenbroker.store;

import org.jspecify.annotations.NullMarked;
