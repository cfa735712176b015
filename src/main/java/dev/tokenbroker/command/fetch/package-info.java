/**
 * In: a broker, an audience and the place of a credential. Out: a token that is fresh, or why there
 * is none. {@code fetch} and {@code agent} share it. Open {@code TokenFetch} first.
 */
@NullMarked
package dev.tokenbroker.command.fetch;

import org.jspecify.annotations.NullMarked;
