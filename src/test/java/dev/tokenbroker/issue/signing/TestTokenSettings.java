package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.process.runtime.DefaultSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The default settings with an issuer; a test changes what it is about. */
public interface TestTokenSettings extends TokenSettings {

  String ISSUER = "https://broker.example";

  static TestTokenSettings defaults() {
    return DefaultSettings.of(TokenSettings.class, TestTokenSettings.class).withIssuer(ISSUER);
  }

  default TestTokenSettings withoutIssuer() {
    return withIssuer("");
  }

  TestTokenSettings withIssuer(String other);

  TestTokenSettings withAlgorithm(SigningAlgorithm other);

  TestTokenSettings withKeyFiles(List<Path> other);

  TestTokenSettings withRotationPeriod(Duration other);

  TestTokenSettings withPublishBefore(Duration other);

  TestTokenSettings withJwksMaxAge(Duration other);

  TestTokenSettings withMaxLifetime(Duration other);

  default TestTokenSettings withFiles(Path... files) {
    return withKeyFiles(List.of(files));
  }

  default TestTokenSettings withTimes(
      Duration rotation, Duration publishAhead, Duration maxAge, Duration lifetime) {
    return withRotationPeriod(rotation)
        .withPublishBefore(publishAhead)
        .withJwksMaxAge(maxAge)
        .withMaxLifetime(lifetime);
  }
}
