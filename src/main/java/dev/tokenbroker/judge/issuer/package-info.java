/**
 * In: a trusted issuer and a key id. Out: its key, or why there is none: discovery, key sets, how
 * fresh a copy is. Open {@code RemoteKeys} first.
 */
@NullMarked
package dev.tokenbroker.judge.issuer;

import org.jspecify.annotations.NullMarked;
