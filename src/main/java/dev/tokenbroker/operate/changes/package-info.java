/**
 * In: what changed at issuers, upstreams and the broker itself. Out: the timeline, and which
 * refusals rose after a change. Open {@code Timeline} first.
 */
@NullMarked
package dev.tokenbroker.operate.changes;

import org.jspecify.annotations.NullMarked;
