package dev.tokenbroker.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Grants for tests of what comes after the policy. */
public final class Grants {

  private Grants() {}

  /** A grant as a rule would give it. */
  public static Grant of(
      String audience,
      String subject,
      List<String> scopes,
      Map<String, Object> claims,
      Duration lifetime,
      @Nullable Instant notAfter) {
    return new Grant(
        audience,
        "test-rule",
        subject,
        scopes,
        claims,
        new Supply.Mint(Target.MAX_LIFETIME),
        lifetime,
        notAfter);
  }

  /** A grant of ten minutes without scopes. */
  public static Grant of(String audience, String subject) {
    return of(audience, subject, List.of(), Map.of(), Duration.ofMinutes(10), null);
  }
}
