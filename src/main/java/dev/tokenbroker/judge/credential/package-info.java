/**
 * In: the text of a credential. Out: a verified identity, which only this package makes, or the
 * first check that failed. Open {@code JwtVerification} first.
 */
@NullMarked
package dev.tokenbroker.judge.credential;

import org.jspecify.annotations.NullMarked;
