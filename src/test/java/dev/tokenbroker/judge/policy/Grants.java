package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.BindingDemand;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.judge.target.Supply.MintedType;
import dev.tokenbroker.judge.target.Target;
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
    return of(audience, subject, scopes, claims, lifetime, notAfter, Binding.none());
  }

  private static Grant of(
      String audience,
      String subject,
      List<String> scopes,
      Map<String, Object> claims,
      Duration lifetime,
      @Nullable Instant notAfter,
      Binding binding) {
    return new Grant(
        audience,
        "test-rule",
        subject,
        null,
        scopes,
        claims,
        new Supply.Mint(Target.MAX_LIFETIME, BindingDemand.NOTHING),
        binding,
        lifetime,
        notAfter);
  }

  /** A grant of ten minutes without scopes, of a token of that type and algorithm. */
  public static Grant of(
      String audience, String subject, MintedType type, @Nullable SigningAlgorithm algorithm) {
    Duration lifetime = Duration.ofMinutes(10);
    return new Grant(
        audience,
        "test-rule",
        subject,
        null,
        List.of(),
        Map.of(),
        new Supply.Mint(lifetime, BindingDemand.NOTHING, type, algorithm),
        Binding.none(),
        lifetime,
        null);
  }

  /** A grant of ten minutes without scopes, of a token that is bound so. */
  public static Grant bound(String audience, String subject, Binding binding) {
    return of(audience, subject, List.of(), Map.of(), Duration.ofMinutes(10), null, binding);
  }

  /** A grant of ten minutes without scopes. */
  public static Grant of(String audience, String subject) {
    return of(audience, subject, List.of(), Map.of(), Duration.ofMinutes(10), null);
  }
}
