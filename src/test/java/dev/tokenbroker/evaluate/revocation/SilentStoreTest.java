package dev.tokenbroker.evaluate.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Introspection at a replica that cannot hear what the others revoked. */
class SilentStoreTest {

  private static final String CALLER = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));
  private static final Outcome<Optional<MintedToken>> INACTIVE = Outcome.accepted(Optional.empty());

  private final TestClock clock = new TestClock();
  private final TestStore store = new TestStore();
  private final TestTokens tokens = new TestTokens(clock, TestRevocations.inMemory(), store);
  private final TokenIntrospection introspection =
      new TokenIntrospection(
          TestAccess.listing(tokens.brokerTokens(), List.of(CALLER), List.of()),
          tokens.minted(),
          tokens.revocations(),
          new LifecycleObservers(List.of()));
  private final String token = tokens.mint("payments-api", "read");

  @BeforeEach
  void silence() {
    store.silent(Duration.ofSeconds(3));
  }

  @Test
  void calls_no_token_active_until_the_log_was_read_again() {
    assertThat(introspected(token).map(_ -> "answered"))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused ->
                assertThat(refused.refusal().reason()).isEqualTo(RefusalReason.STORE_UNAVAILABLE));

    store.silent(Duration.ZERO);
    assertThat(introspected(token).map(active -> active.map(MintedToken::id)))
        .isEqualTo(Outcome.accepted(Optional.of(tokens.active(token).id())));
  }

  @Test
  void still_says_what_is_certainly_not_active() {
    TestRevocations.revoke(tokens.revocations(), tokens.active(token), DEADLINE);
    String expired = tokens.mint("payments-api", Duration.ofMinutes(1), "read");
    clock.advance(Duration.ofMinutes(1));

    assertThat(introspected(token)).isEqualTo(INACTIVE);
    assertThat(introspected(expired)).isEqualTo(INACTIVE);
    assertThat(introspected("no-token")).isEqualTo(INACTIVE);
  }

  private Outcome<Optional<MintedToken>> introspected(String text) {
    return introspection.introspect(caller(), () -> Outcome.accepted(text), DEADLINE);
  }

  private static PresentedCaller caller() {
    return new PresentedCaller("", PresentedKeys.of(CALLER, null), "grpc", "192.0.2.7");
  }
}
