/**
 * Which identity may have which target: targets, rules, conditions, grants. Owns the proof that
 * something is granted; makes no token. Called by {@code token}, {@code federation} and {@code
 * exchange}.
 */
@NullMarked
package dev.tokenbroker.policy;

import org.jspecify.annotations.NullMarked;
