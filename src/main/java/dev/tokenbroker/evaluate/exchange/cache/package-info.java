/**
 * In: a request whose key is known, and tokens that were issued. Out: a cached token, the
 * evaluation in progress, or neither. Open {@code IssuedTokens} first.
 */
@NullMarked
package dev.tokenbroker.evaluate.exchange.cache;

import org.jspecify.annotations.NullMarked;
