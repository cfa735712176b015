/**
 * Which identity may have which target: targets, rules, conditions in CEL, grants. {@link
 * dev.tokenbroker.policy.Policy} is the class to read first.
 */
@NullMarked
package dev.tokenbroker.policy;

import org.jspecify.annotations.NullMarked;
