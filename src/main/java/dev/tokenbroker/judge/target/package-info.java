/**
 * In: what the document says of a target. Out: its {@code Supply}: the terms by which tokens for it
 * are made or exchanged. Knows no rule. Open {@code Supply} first.
 */
@NullMarked
package dev.tokenbroker.judge.target;

import org.jspecify.annotations.NullMarked;
