package dev.tokenbroker.evaluate.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.revocation.PresentedCaller;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import dev.tokenbroker.evaluate.revocation.TestRevocations;
import dev.tokenbroker.evaluate.revocation.TokenRevocation.RevocationResult;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.issue.sts.RevokingUpstream;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedSecret;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.peers.guard.Attempt.Attempted;
import dev.tokenbroker.process.runtime.TestClock;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A token of an upstream is revoked there, and the broker does not hand it out again. */
class RevokedUpstreamTokenTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(8);
  private static final String CREDENTIAL = ISSUER.credential("acme/payments");
  private static final Outcome<RevocationResult> REVOKED =
      Outcome.accepted(RevocationResult.REVOKED);

  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final TestTokens tokens =
      new TestTokens(clock, TestRevocations.inMemory().withMaxTokens(3));
  private final RevokingUpstream upstream = new RevokingUpstream(Duration.ofMinutes(5), clock);
  private RevokingExchange exchange;

  @BeforeEach
  void load() {
    Upstreams upstreams = TestUpstreams.of(TestUpstreams.oneAttempt(Duration.ofSeconds(10)), clock);
    Federation federation =
        TestExchange.federation(
            directory,
            SeededIssuer.exchanging(
                ISSUER.federation(),
                URI.create("https://upstream.example/token"),
                "clientAuthentication: none, clientId: broker"),
            definition -> upstreams.of(upstream.inPlaceOf(definition)),
            clock);
    exchange = new RevokingExchange("payments-api", federation, tokens, clock);
  }

  @Test
  void a_caller_with_the_right_revokes_it_and_the_next_gets_another() {
    assertThat(issue()).isEqualTo("opaque-1");
    assertThat(issue()).as("held").isEqualTo("opaque-1");

    assertThat(revokeAny("opaque-1", "")).isEqualTo(REVOKED);

    assertThat(upstream.revoked()).containsExactly("opaque-1");
    assertThat(issue()).isEqualTo("opaque-2");
    assertThat(exchange.records())
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.outcome()).isEqualTo(Outcome.accepted(Revocation.REVOKED));
              assertThat(record.token().id()).startsWith("sha256:");
              assertThat(record.token().audiences()).containsExactly("payments-api");
              assertThat(record.token().scopes()).containsExactly("contents:read");
              assertThat(record.toString()).doesNotContain("opaque-1");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "payments-api", "orders", "nothing"})
  void a_second_call_finds_it_revoked_and_asks_nobody(String audience) {
    String token = issue();
    assertThat(revokeAny(token, audience)).isEqualTo(REVOKED);

    assertThat(revokeAny(token, audience)).isEqualTo(Outcome.accepted(RevocationResult.REPEATED));

    assertThat(upstream.revoked()).hasSize(1);
  }

  @Test
  void its_holder_revokes_it_without_a_right_and_it_proves_nothing() {
    String token = issue();

    assertThat(exchange.revoke("Bearer " + token, token, "")).isEqualTo(REVOKED);

    assertThat(reason(exchange.revoke("Bearer " + token, token, "")))
        .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
    assertThat(upstream.revoked()).containsExactly(token);
    assertThat(exchange.records().getFirst().by().name())
        .isEqualTo(exchange.records().getFirst().token().subject());
  }

  @ParameterizedTest
  @CsvSource({
    "Bearer opaque-1, opaque-2",
    "Bearer opaque-2, opaque-1",
    "Bearer opaque-2, opaque-2",
    "Bearer opaque-1, opaque-1x",
    "DPoP opaque-1, opaque-1",
    "Basic opaque-1, opaque-1",
    "opaque-1, opaque-1",
    "'', opaque-1",
  })
  void nobody_else_reaches_it(String authorization, String named) {
    assertThat(issue()).isEqualTo("opaque-1");

    assertThat(reason(exchange.revoke(authorization, named, "")))
        .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);

    assertThat(upstream.revoked()).isEmpty();
    assertThat(issue()).isEqualTo("opaque-1");
  }

  @Test
  void a_holder_that_also_proves_a_client_is_refused() {
    String token = issue();
    PresentedSecret secret = new PresentedSecret(new byte[1], PresentedSecret.In.FORM);
    PresentedCaller caller =
        new PresentedCaller(
            "Bearer " + token,
            PresentedKeys.NONE,
            "http",
            "192.0.2.7",
            new PresentedClient("gateway", secret, "", "", false));

    assertThat(reason(exchange.revoke(caller, token, "")))
        .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
    assertThat(upstream.revoked()).isEmpty();
  }

  @Test
  void a_token_that_the_upstream_no_longer_knows_counts_as_revoked() {
    String token = issue();
    upstream.answering(new Attempted.Done<>(Outcome.accepted(false)));

    assertThat(revokeAny(token, "")).isEqualTo(REVOKED);
    assertThat(issue()).isNotEqualTo(token);
  }

  @Test
  void stays_revocable_if_the_upstream_does_not_revoke_it() {
    String token = issue();
    Refusal away = Refusal.of(RefusalReason.UPSTREAM_UNAVAILABLE);
    upstream.answering(new Attempted.AttemptFailed<>(Outcome.refused(away), false, null));

    assertThat(reason(revokeAny(token, ""))).isEqualTo(RefusalReason.UPSTREAM_UNAVAILABLE);
    assertThat(issue()).isEqualTo(token);
    assertThat(exchange.records())
        .singleElement()
        .matches(record -> reason(record.outcome()) != null);

    upstream.answering(new Attempted.Done<>(Outcome.accepted(true)));
    assertThat(revokeAny(token, "")).isEqualTo(REVOKED);
    assertThat(issue()).isNotEqualTo(token);
  }

  @Test
  void is_not_served_after_it_ended_upstream_even_without_room() {
    String token = issue();
    for (int i = 0; i < 3; i++) {
      assertThat(revokeAny(tokens.mint("orders", "read"), "orders")).isEqualTo(REVOKED);
    }

    assertThat(reason(revokeAny(token, ""))).isEqualTo(RefusalReason.REVOCATIONS_FULL);

    assertThat(upstream.revoked()).containsExactly(token);
    assertThat(issue()).isNotEqualTo(token);
  }

  /** Each row: the target that the caller names for a token that is not known here. */
  @ParameterizedTest
  @CsvSource({
    "'', UNKNOWN",
    "orders, UNKNOWN",
    "token-broker, UNKNOWN",
    "payments-api, TOKEN_NOT_REVOCABLE",
    "Payments-api, TARGET_UNKNOWN",
    "nothing, TARGET_UNKNOWN",
  })
  void nobody_believes_a_token_revoked_that_may_live_at_an_upstream(
      String audience, String expected) {
    Outcome<RevocationResult> outcome = revokeAny("of-another-replica", audience);

    assertThat(
            outcome instanceof Outcome.Accepted<RevocationResult>(RevocationResult result)
                ? result.name()
                : reason(outcome).name())
        .isEqualTo(expected);
    assertThat(upstream.revoked()).isEmpty();
    assertThat(exchange.records()).isEmpty();
  }

  @Test
  void a_minted_token_is_revoked_whatever_target_the_caller_names() {
    for (String audience : List.of("payments-api", "nothing")) {
      assertThat(revokeAny(tokens.mint("orders", "read"), audience)).isEqualTo(REVOKED);
    }
  }

  /** The end that callers see may be before that at the upstream. */
  @Test
  void it_is_known_for_an_hour_and_then_no_longer() {
    String token = issue();
    clock.advance(Duration.ofHours(1).minusNanos(1));
    upstream.answering(
        new Attempted.Done<>(Outcome.refused(Refusal.of(RefusalReason.UPSTREAM_NOT_PERMITTED))));
    assertThat(reason(revokeAny(token, ""))).isEqualTo(RefusalReason.UPSTREAM_NOT_PERMITTED);

    clock.advance(Duration.ofNanos(1));

    assertThat(revokeAny(token, "")).isEqualTo(Outcome.accepted(RevocationResult.UNKNOWN));
    assertThat(upstream.revoked()).hasSize(1);
  }

  private String issue() {
    return exchange.issue(CREDENTIAL);
  }

  private Outcome<RevocationResult> revokeAny(String token, String audience) {
    return exchange.revoke("Bearer " + tokens.mint("token-broker", "revoke"), token, audience);
  }

  private static RefusalReason reason(Outcome<?> outcome) {
    return Outcomes.reason(outcome);
  }
}
