package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The default settings, of which a test changes what it is about. */
public record TestTokenSettings(
    String issuerUrl,
    SigningAlgorithm algorithm,
    List<Path> files,
    Duration keyFilePollInterval,
    Duration rotationPeriod,
    Duration publishBefore,
    Duration jwksMaxAge,
    Duration maxLifetime)
    implements TokenSettings {

  public static final String ISSUER = "https://broker.example";

  public static TestTokenSettings defaults() {
    return new TestTokenSettings(
        ISSUER,
        SigningAlgorithm.ES256,
        List.of(),
        Duration.ofSeconds(5),
        Duration.ofHours(24),
        Duration.ofMinutes(15),
        Duration.ofMinutes(5),
        Duration.ofHours(1));
  }

  @Override
  public Optional<String> issuer() {
    return Optional.of(issuerUrl).filter(issuer -> !issuer.isEmpty());
  }

  @Override
  public Optional<List<Path>> keyFiles() {
    return Optional.of(files).filter(paths -> !paths.isEmpty());
  }

  public TestTokenSettings withoutIssuer() {
    return withIssuer("");
  }

  public TestTokenSettings withIssuer(String url) {
    return new TestTokenSettings(
        url,
        algorithm,
        files,
        keyFilePollInterval,
        rotationPeriod,
        publishBefore,
        jwksMaxAge,
        maxLifetime);
  }

  public TestTokenSettings withAlgorithm(SigningAlgorithm other) {
    return new TestTokenSettings(
        issuerUrl,
        other,
        files,
        keyFilePollInterval,
        rotationPeriod,
        publishBefore,
        jwksMaxAge,
        maxLifetime);
  }

  public TestTokenSettings withFiles(Path... paths) {
    return new TestTokenSettings(
        issuerUrl,
        algorithm,
        List.of(paths),
        keyFilePollInterval,
        rotationPeriod,
        publishBefore,
        jwksMaxAge,
        maxLifetime);
  }

  public TestTokenSettings withTimes(
      Duration rotation, Duration publishAhead, Duration maxAge, Duration lifetime) {
    return new TestTokenSettings(
        issuerUrl, algorithm, files, keyFilePollInterval, rotation, publishAhead, maxAge, lifetime);
  }
}
