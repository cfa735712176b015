/**
 * Compares two federation documents entry by entry, for people. It reads outlines only: no file, no
 * secret. {@link dev.tokenbroker.federation.diff.DocumentDiff} is the entrance.
 */
@NullMarked
package dev.tokenbroker.federation.diff;

import org.jspecify.annotations.NullMarked;
