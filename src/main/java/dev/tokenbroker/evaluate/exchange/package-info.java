/**
 * In: a request for a token. Out: a token or a refusal, with the verdict that says why; held tokens
 * and shared flights in between. Open {@code TokenExchange} first.
 */
@NullMarked
package dev.tokenbroker.evaluate.exchange;

import org.jspecify.annotations.NullMarked;
