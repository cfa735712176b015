/**
 * In: the outlines of two documents. Out: the entries that differ, for people; no secret, no file.
 * Open {@code DocumentDiff} first.
 */
@NullMarked
package dev.tokenbroker.evaluate.federation.diff;

import org.jspecify.annotations.NullMarked;
