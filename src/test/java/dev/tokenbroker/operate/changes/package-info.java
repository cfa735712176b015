/**
 * Tests of {@code operate.changes}.
 *
 * <p>Stand-ins and set-up: {@link ChangeSteps}, {@link ChangingPeer}, {@link ComparisonNow}, {@link
 * InjectedChange}, {@link ObservedChange}, {@link PeersUnderLoad}, {@link ShownTimeline}, {@link
 * SteadyCalls}, {@link TestEvidence}.
 */
@NullMarked
package dev.tokenbroker.operate.changes;

import org.jspecify.annotations.NullMarked;
