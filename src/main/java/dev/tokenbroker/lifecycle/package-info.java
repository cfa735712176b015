/** Minted tokens afterwards: introspection (RFC 7662), revocation (RFC 7009), and who may ask. */
@NullMarked
package dev.tokenbroker.lifecycle;

import org.jspecify.annotations.NullMarked;
