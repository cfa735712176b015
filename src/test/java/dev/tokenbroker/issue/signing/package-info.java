/**
 * Tests of {@code issue.signing}.
 *
 * <p>Stand-ins and set-up: {@link KeyObserver}, {@link PublishingReplica}, {@link TestKeyFiles},
 * {@link TestTokenSettings}, {@link TestTokens}.
 */
@NullMarked
package dev.tokenbroker.issue.signing;

import org.jspecify.annotations.NullMarked;
