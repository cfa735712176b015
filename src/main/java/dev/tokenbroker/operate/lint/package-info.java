/**
 * In: a federation document. Out: warnings of rules that are dangerous or dead. Open {@code Lint}
 * first.
 */
@NullMarked
package dev.tokenbroker.operate.lint;

import org.jspecify.annotations.NullMarked;
