package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.edges.edge.CandidateProfile;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The time of day as the broker under test sees it: goes on as it does, and jumps ahead when told
 * to. In place of the system's where a test has the profile {@link CandidateProfile}.
 */
@Alternative
@Singleton
public class MovableClock implements Clocks {

  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  /** It is so much later, from now on. */
  public void advance(Duration by) {
    ahead.accumulateAndGet(by, Duration::plus);
  }

  @Override
  public Instant instant() {
    return Clock.systemUTC().instant().plus(ahead.get());
  }
}
