/**
 * Tests of {@code evaluate.federation.document}.
 *
 * <p>Stand-ins and set-up: {@link BadgeField}, {@link Documents}, {@link DurationBounds}, {@link
 * ShippedFederations}.
 */
@NullMarked
package dev.tokenbroker.evaluate.federation.document;

import org.jspecify.annotations.NullMarked;
