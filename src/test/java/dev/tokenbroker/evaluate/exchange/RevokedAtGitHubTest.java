package dev.tokenbroker.evaluate.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.revocation.TokenRevocation.RevocationResult;
import dev.tokenbroker.issue.github.GitHubServer;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A token of GitHub is revoked at GitHub, over sockets. */
class RevokedAtGitHubTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(9);
  private static final String CREDENTIAL = ISSUER.credential("acme/payments");

  @TempDir Path directory;
  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock();
  @AutoClose private final GitHubServer github = GitHubServer.start(clock);
  private RevokingExchange exchange;

  @BeforeEach
  void load() throws IOException {
    Files.writeString(directory.resolve("app.pem"), github.app("1234567", 71));
    String issuers = ISSUER.federation();
    Upstreams upstreams =
        TestUpstreams.of(
            PeerClients.loopback(vertx, Duration.ofSeconds(10)),
            TestUpstreams.oneAttempt(Duration.ofSeconds(10)),
            clock);
    Federation federation =
        TestExchange.federation(
            directory,
            """
            %s
            targets:
              - audience: github
                github: {app: 1234567, keyFile: app.pem, owner: acme, permissions: {contents: read}, baseUrl: '%s'}
            rules:
              - {name: read, issuer: acme, audience: github, when: 'claims.repository == "acme/payments"', outliveCredential: true}
            """
                .formatted(issuers.substring(0, issuers.indexOf("targets:")), github.origin()),
            upstreams::of,
            clock);
    exchange = new RevokingExchange("github", federation, new TestTokens(clock), clock);
  }

  @Test
  void its_holder_ends_it_there_and_the_next_caller_gets_another() {
    String token = issue();
    assertThat(github.isValid(token)).isTrue();

    assertThat(revoke(token)).isEqualTo(Outcome.accepted(RevocationResult.REVOKED));

    assertThat(github.isValid(token)).isFalse();
    assertThat(github.requests()).last().isEqualTo("DELETE /installation/token");
    assertThat(github.isValid(issue())).isTrue();
  }

  @Test
  void a_token_that_ended_there_before_is_dropped() {
    String token = issue();
    github.answer(GitHubServer.error(401, "Bad credentials", Map.of()));

    assertThat(revoke(token)).isEqualTo(Outcome.accepted(RevocationResult.REVOKED));

    github.fail(_ -> null);
    assertThat(issue()).isNotEqualTo(token);
  }

  @Test
  void a_token_that_github_does_not_revoke_now_can_be_revoked_later() {
    String token = issue();
    github.answer(GitHubServer.error(503, "Unavailable", Map.of()));

    assertThat(Outcomes.reason(revoke(token))).isEqualTo(RefusalReason.UPSTREAM_UNAVAILABLE);

    github.fail(_ -> null);
    assertThat(github.isValid(token)).isTrue();
    assertThat(issue()).isEqualTo(token);
    clock.advance(Duration.ofMinutes(1));
    assertThat(revoke(token)).isEqualTo(Outcome.accepted(RevocationResult.REVOKED));
    assertThat(github.isValid(token)).isFalse();
  }

  /** Else a caller could stop the exchanges of all others. */
  @Test
  void revocations_at_a_limit_of_github_do_not_open_the_circuit() {
    List<String> held = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      held.add(issue(i));
    }
    github.answer(GitHubServer.error(403, "Slow down", Map.of("Retry-After", "90")));
    for (String token : held) {
      Refusal refusal = Outcomes.refused(revoke(token), RefusalReason.UPSTREAM_THROTTLED);
      assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(90));
    }

    github.fail(_ -> null);
    assertThat(github.isValid(issue(6))).isTrue();
  }

  private String issue(int job) {
    long end = TestClock.START.getEpochSecond() + 500 + job;
    return exchange.issue(ISSUER.credential("acme/payments", end));
  }

  private String issue() {
    return exchange.issue(CREDENTIAL);
  }

  private Outcome<RevocationResult> revoke(String token) {
    return exchange.revoke("Bearer " + token, token, "github");
  }
}
