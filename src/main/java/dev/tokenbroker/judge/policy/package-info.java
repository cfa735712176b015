/**
 * In: a verified identity and a target. Out: the grant of the first rule whose condition holds, or
 * why no rule does. Open {@code Policy} first.
 */
@NullMarked
package dev.tokenbroker.judge.policy;

import org.jspecify.annotations.NullMarked;
