/**
 * The life of minted tokens: introspection (RFC 7662), revocation (RFC 7009), and the
 * authentication of the callers and operators that may use the broker itself.
 */
@NullMarked
package dev.tokenbroker.lifecycle;

import org.jspecify.annotations.NullMarked;
