package dev.tokenbroker.peers.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.guard.GuardValues;
import dev.tokenbroker.peers.http.BearerToken;
import dev.tokenbroker.process.runtime.TestClock;
import io.quarkus.oidc.client.OidcClientException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The own token of one client, by a clock of the test's own. */
class OwnClientTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final TestClock clock = new TestClock();
  private final FakeOidcClient oidc = new FakeOidcClient();
  private final List<Change> changes = new CopyOnWriteArrayList<>();
  private final OwnTokens own =
      TestOwnTokens.of(
          List.of(new Provider("idp", () -> Uni.createFrom().item(oidc), () -> "")),
          GuardValues.defaults(),
          clock,
          changes::add);

  @Test
  void asks_once_for_callers_that_come_together() {
    CompletableFuture<io.quarkus.oidc.client.Tokens> later = new CompletableFuture<>();
    oidc.answer(() -> Uni.createFrom().completionStage(later));
    List<Thread> callers =
        List.of(1, 2, 3, 4).stream()
            .map(_ -> Thread.ofVirtual().start(() -> own.token("idp", deadline())))
            .toList();
    int asked = Eventually.see(oidc::requests, requests -> requests > 0);

    later.complete(FakeOidcClient.token("own", 60).await().indefinitely());
    callers.forEach(
        caller -> assertThat(Eventually.see(caller::isAlive, alive -> !alive)).isFalse());

    assertThat(asked).isEqualTo(1);
    assertThat(oidc.requests()).isEqualTo(1);
    assertThat(token()).isEqualTo("own");
  }

  @Test
  void renews_early_without_a_wait_and_keeps_the_last_good_token() {
    assertThat(token()).isEqualTo("own");
    clock.advance(Duration.ofSeconds(29));
    assertThat(token()).isEqualTo("own");
    assertThat(oidc.requests()).isEqualTo(1);

    oidc.answer(() -> Uni.createFrom().failure(new OidcClientException("down")));
    clock.advance(Duration.ofSeconds(20));
    assertThat(token()).isEqualTo("own");
    assertThat(Eventually.see(oidc::requests, requests -> requests > 1)).isEqualTo(2);
    assertThat(token()).isEqualTo("own");

    clock.advance(Duration.ofSeconds(11));
    assertThat(refusal().reason()).isEqualTo(RefusalReason.OWN_TOKEN_UNREACHABLE);
  }

  @Test
  void a_provider_that_comes_back_is_used_again() {
    oidc.answer(() -> Uni.createFrom().failure(new OidcClientException("down")));
    assertThat(refusal().reason()).isEqualTo(RefusalReason.OWN_TOKEN_UNREACHABLE);

    oidc.answer(() -> FakeOidcClient.token("new", 60));

    assertThat(token()).isEqualTo("new");
  }

  @Test
  void a_caller_waits_no_longer_than_its_deadline() {
    oidc.answer(() -> Uni.createFrom().nothing());

    Outcome<BearerToken> outcome = own.token("idp", Deadline.after(Duration.ofMillis(50)));

    assertThat(((Outcome.Refused<BearerToken>) outcome).refusal().reason())
        .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
  }

  @Test
  void a_client_that_does_not_exist_has_no_token() {
    Outcome<BearerToken> outcome = own.token("other", deadline());

    assertThat(((Outcome.Refused<BearerToken>) outcome).refusal().reason())
        .isEqualTo(RefusalReason.OWN_TOKEN_REFUSED);
  }

  @Test
  void renews_between_a_half_and_four_fifths_of_the_life() {
    Instant now = Instant.EPOCH;
    BearerToken bearer = new BearerToken("own");

    OwnToken early = OwnToken.issued(bearer, now, now.plusSeconds(100), 0);
    OwnToken late = OwnToken.issued(bearer, now, now.plusSeconds(100), 1);

    assertThat(early.refreshTime()).isEqualTo(now.plusSeconds(50));
    assertThat(late.refreshTime()).isEqualTo(now.plusSeconds(80));
    assertThat(late.isGoodAt(now.plusSeconds(94))).isTrue();
    assertThat(late.isGoodAt(now.plusSeconds(95))).isFalse();
  }

  private String token() {
    return ((Outcome.Accepted<BearerToken>) own.token("idp", deadline())).value().value();
  }

  private Refusal refusal() {
    return ((Outcome.Refused<BearerToken>) own.token("idp", deadline())).refusal();
  }

  private static Deadline deadline() {
    return Deadline.after(PATIENCE);
  }
}
