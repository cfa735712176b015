/**
 * In: a credential and a grant for an upstream (RFC 8693, RFC 7523). Out: the upstream's token, or
 * what it answered instead. Open {@code Upstream} first.
 */
@NullMarked
package dev.tokenbroker.issue.sts;

import org.jspecify.annotations.NullMarked;
