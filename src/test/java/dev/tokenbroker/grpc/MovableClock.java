package dev.tokenbroker.grpc;

import io.quarkus.test.junit.QuarkusTestProfile;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The time of day as the broker under test sees it: goes on as it does, and jumps ahead when told
 * to. In place of the system's where a test has the profile {@link Used}.
 */
@Alternative
@Singleton
public class MovableClock implements InstantSource {

  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  /** A broker with this clock, which makes one attempt for each call and gives both a minute. */
  public static final class Used implements QuarkusTestProfile {

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
      return Set.of(MovableClock.class);
    }

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "token-broker.exchange.max-duration", "1m",
          "token-broker.upstream.guard.attempt-timeout", "1m",
          "token-broker.upstream.guard.max-attempts", "1");
    }
  }

  /** It is so much later, from now on. */
  public void advance(Duration by) {
    ahead.accumulateAndGet(by, Duration::plus);
  }

  @Override
  public Instant instant() {
    return Clock.systemUTC().instant().plus(ahead.get());
  }
}
