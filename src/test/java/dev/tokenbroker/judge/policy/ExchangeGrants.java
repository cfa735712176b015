package dev.tokenbroker.judge.policy;

import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Grants of tokens that an upstream hands out, for tests of what comes after the policy. */
public final class ExchangeGrants {

  private ExchangeGrants() {}

  /** A grant as a rule would give it. */
  public static Grant of(
      Supply.Exchange exchange,
      List<String> scopes,
      @Nullable Duration lifetime,
      @Nullable Instant notAfter) {
    return new Grant(
        "orders",
        "test-rule",
        "repo:acme",
        null,
        scopes,
        Map.of(),
        exchange,
        Binding.none(),
        lifetime,
        notAfter);
  }

  /** A grant with claims, for an upstream that gets a JWT of the broker. */
  public static Grant minted(
      Presentation.Minted presentation, Map<String, Object> claims, @Nullable Instant notAfter) {
    return new Grant(
        "orders",
        "test-rule",
        "repo:acme",
        null,
        List.of("read"),
        claims,
        new Supply.Exchange("corp-sso", null, List.of(), null, false, Map.of(), presentation),
        Binding.none(),
        null,
        notAfter);
  }

  /** Without scopes, and as long as the upstream likes. */
  public static Grant of(Supply.Exchange exchange) {
    return of(exchange, List.of(), null, null);
  }

  /** What a target asks an upstream for that names nothing. */
  public static Supply.Exchange plain() {
    return exchange("corp-sso", null, List.of(), null, Map.of());
  }

  /** A request with the credential, whose token may have no scopes but those requested. */
  public static Supply.Exchange exchange(
      String upstream,
      @Nullable String audience,
      List<String> resources,
      @Nullable List<String> scopes,
      Map<String, String> parameters) {
    return new Supply.Exchange(
        upstream, audience, resources, scopes, false, parameters, Presentation.CREDENTIAL);
  }
}
