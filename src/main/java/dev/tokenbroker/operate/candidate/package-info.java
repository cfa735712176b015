/**
 * In: a candidate document, and exchanges as they end. Out: how its decisions differ from those of
 * the document in force. Issues nothing, calls no peer. Open {@code Candidate} first.
 */
@NullMarked
package dev.tokenbroker.operate.candidate;

import org.jspecify.annotations.NullMarked;
