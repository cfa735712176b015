/**
 * Which identity may have which target: targets, rules, conditions, grants. {@link
 * dev.tokenbroker.policy.Policy} is the class to read first.
 *
 * <p>Owns the proof that something is granted, and CEL: no other package sees that library. Makes
 * no token and reads no document. Called by {@code token}, {@code federation} and {@code exchange},
 * and by {@code http} for what a {@code resource} is.
 */
@NullMarked
package dev.tokenbroker.policy;

import org.jspecify.annotations.NullMarked;
