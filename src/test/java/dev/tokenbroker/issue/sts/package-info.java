/**
 * Tests of {@code issue.sts}.
 *
 * <p>Stand-ins and set-up: {@link CheckedForm}, {@link FakeUpstream}, {@link RevokingUpstream},
 * {@link TestUpstreams}.
 */
@NullMarked
package dev.tokenbroker.issue.sts;

import org.jspecify.annotations.NullMarked;
