/**
 * In: a call. Out: a place among those under way, or a refusal with the time to come back. Open
 * {@code Admission} first.
 */
@NullMarked
package dev.tokenbroker.evaluate.exchange.admission;

import org.jspecify.annotations.NullMarked;
