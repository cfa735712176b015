/**
 * Every call that leaves the process, behind one door. Owns the HTTP client, its limits, its TLS
 * and the addresses it refuses; knows nothing of keys or tokens. Called by {@code issuer} and
 * {@code token}.
 */
@NullMarked
package dev.tokenbroker.upstream;

import org.jspecify.annotations.NullMarked;
