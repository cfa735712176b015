/**
 * The timeline of identity changes: what has changed at issuers, upstreams and the broker itself,
 * and which refusals rose after it. The packages below report changes through {@link
 * dev.tokenbroker.outcome.ChangeListener}; the edges show them to operators.
 */
@NullMarked
package dev.tokenbroker.changes;

import org.jspecify.annotations.NullMarked;
