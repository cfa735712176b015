/**
 * The trusted issuers and their keys: discovery, key sets, and how fresh a copy is. {@code
 * RemoteKeys} is the class to read first.
 */
@NullMarked
package dev.tokenbroker.issuer;

import org.jspecify.annotations.NullMarked;
