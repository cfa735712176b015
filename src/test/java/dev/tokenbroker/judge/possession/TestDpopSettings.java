package dev.tokenbroker.judge.possession;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The default settings, and changes to them. */
public record TestDpopSettings(
    @Nullable List<String> bases,
    Duration maxAge,
    Duration leeway,
    int maxRemembered,
    boolean nonceRequired,
    Duration noncePeriod,
    @Nullable Path secret)
    implements DpopSettings {

  public static TestDpopSettings defaults() {
    return new TestDpopSettings(
        null,
        Duration.ofMinutes(1),
        Duration.ofSeconds(10),
        200_000,
        false,
        Duration.ofMinutes(5),
        null);
  }

  @Override
  public Optional<List<String>> baseUrls() {
    return Optional.ofNullable(bases);
  }

  @Override
  public Optional<Path> nonceSecretFile() {
    return Optional.ofNullable(secret);
  }

  /** Those with a nonce demanded. */
  public TestDpopSettings withNonces() {
    return new TestDpopSettings(bases, maxAge, leeway, maxRemembered, true, noncePeriod, secret);
  }

  /** Those with nonces from that secret. */
  public TestDpopSettings withSecret(Path file) {
    return new TestDpopSettings(bases, maxAge, leeway, maxRemembered, true, noncePeriod, file);
  }

  /** Those with room for so many proofs. */
  public TestDpopSettings withMaxRemembered(int most) {
    return new TestDpopSettings(bases, maxAge, leeway, most, nonceRequired, noncePeriod, secret);
  }

  /** Those of a broker that is reached there. */
  public TestDpopSettings withBases(List<String> addresses) {
    return new TestDpopSettings(
        addresses, maxAge, leeway, maxRemembered, nonceRequired, noncePeriod, secret);
  }
}
