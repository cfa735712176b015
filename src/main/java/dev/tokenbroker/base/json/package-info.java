/**
 * In: JSON texts and values (RFC 8259). Out: strictly parsed values, written bytes, and what a peer
 * sent in the form that it should have. Open {@code StrictJson} first.
 */
@NullMarked
package dev.tokenbroker.base.json;

import org.jspecify.annotations.NullMarked;
