package dev.tokenbroker.peers.store;

/**
 * A value and its name in the store.
 *
 * @param name the HMAC of the name in clear, with prefix and kind
 * @param value time of writing, content, and a MAC over both and the name
 */
record StoredValue(String name, String value) {}
