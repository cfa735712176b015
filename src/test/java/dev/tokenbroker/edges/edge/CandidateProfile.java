package dev.tokenbroker.edges.edge;

import dev.tokenbroker.edges.grpc.MovableClock;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * A broker with a candidate that judges each exchange, a {@link MovableClock}, and an issuer whose
 * URL has a path. It makes one attempt for each call to an upstream and gives both a minute.
 */
public final class CandidateProfile implements QuarkusTestProfile {

  /** The file of the candidate, which is absent at the start. */
  public static final Path CANDIDATE = Path.of("target/test-candidate.yaml");

  public static final String ISSUER = "https://broker.example/sub";

  @Override
  public Set<Class<?>> getEnabledAlternatives() {
    return Set.of(MovableClock.class);
  }

  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of(
        "token-broker.federation.candidate-path", CANDIDATE.toString(),
        "token-broker.federation.candidate-share", "1",
        "token-broker.token.issuer", ISSUER,
        "token-broker.exchange.max-duration", "1m",
        "token-broker.upstream.guard.attempt-timeout", "1m",
        "token-broker.upstream.guard.max-attempts", "1");
  }
}
