/**
 * In: claims of a token of our own. Out: the signed token; keys that are published before they
 * sign. Open {@code SigningKeys} first.
 */
@NullMarked
package dev.tokenbroker.issue.signing;

import org.jspecify.annotations.NullMarked;
