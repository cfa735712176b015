/**
 * The federation document: parsed, validated, watched, swapped whole; the last good one stays.
 * Called by {@code exchange}.
 */
@NullMarked
package dev.tokenbroker.federation;

import org.jspecify.annotations.NullMarked;
