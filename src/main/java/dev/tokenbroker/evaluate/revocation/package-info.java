/**
 * In: a token of our own, and its caller. Out: introspection (RFC 7662), revocation (RFC 7009), and
 * which callers and operators may use the broker itself. Open {@code TokenRevocation} first.
 */
@NullMarked
package dev.tokenbroker.evaluate.revocation;

import org.jspecify.annotations.NullMarked;
