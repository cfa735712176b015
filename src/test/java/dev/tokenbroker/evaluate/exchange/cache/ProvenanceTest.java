package dev.tokenbroker.evaluate.exchange.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail.Finding;
import dev.tokenbroker.base.refusal.Trail.Result;
import dev.tokenbroker.evaluate.exchange.evaluation.EvaluationResult;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.VerifiedIdentities;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.RuledGrants;
import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.process.runtime.TestClock;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ProvenanceTest {

  private static final IssuedToken TOKEN =
      new IssuedToken(
          "value",
          "id",
          TestClock.START,
          TestClock.START.plusSeconds(60),
          List.of("read"),
          IssuedToken.ACCESS_TOKEN,
          TokenType.BEARER);

  private static final List<ShadowFinding> SHADOWS =
      List.of(
          new ShadowFinding("wide", null),
          new ShadowFinding("narrow", RefusalReason.SCOPE_NOT_GRANTED));

  private final VerifiedIdentity identity =
      VerifiedIdentities.of(
          RuledGrants.ISSUER, Map.of("sub", "workload", "repository", "acme/payments"));
  private final Grant grant =
      RuledGrants.of("payments-api", "repo:acme", List.of("read"), Map.of("team", "payments"))
          .orElseThrow();
  private final Provenance provenance = new Provenance(identity, grant, "v1", SHADOWS, 0);
  private final EvaluationResult<IssuedToken> given = provenance.givenAgain(TOKEN);

  @Test
  void keeps_no_claims() {
    assertThat(identity.claims()).isNotEmpty();
    assertThat(grant.claims()).isNotEmpty();
    assertThat(identity(given).claims()).isEmpty();
    assertThat(grant(given).claims()).isEmpty();
  }

  @Test
  void keeps_whom_the_token_is_for_and_until_when_that_is_proved() {
    assertThat(identity(given).issuer()).isSameAs(RuledGrants.ISSUER);
    assertThat(identity(given).subject()).isEqualTo("workload");
    assertThat(identity(given).expireTime()).isEqualTo(identity.expireTime());
    assertThat(grant(given)).usingRecursiveComparison().ignoringFields("claims").isEqualTo(grant);
    assertThat(provenance.stands(TestClock.START)).isTrue();
    assertThat(provenance.stands(identity.acceptedUntil())).isFalse();
  }

  @Test
  void a_reused_token_has_two_steps_and_names_its_evaluation() {
    assertThat(given.outcome()).isEqualTo(Outcome.accepted(TOKEN));
    assertThat(given.trail().authentic()).isTrue();
    assertThat(given.trail().issuer()).isEqualTo(RuledGrants.ISSUER.name());
    assertThat(given.trail().rule()).isEqualTo(grant.rule());
    assertThat(given.trail().findings())
        .filteredOn(finding -> finding.result() == Result.PASSED)
        .extracting(Finding::step)
        .containsExactly(Step.REQUEST, Step.CACHE);
    assertThat(given.trail().notes()).singleElement().asString().contains("evaluation v1");
  }

  @Test
  void a_cached_refusal_names_the_evaluation_that_called_upstream() {
    Refusal refusal = Refusal.of(RefusalReason.UPSTREAM_NOT_PERMITTED);

    EvaluationResult<IssuedToken> refused = provenance.refusedAgain(refusal);

    assertThat(refused.outcome()).isEqualTo(Outcome.refused(refusal));
    assertThat(refused.trail().failed()).isEqualTo(Step.CACHE);
    assertThat(refused.trail().authentic()).isTrue();
    assertThat(refused.trail().notes()).singleElement().asString().contains("evaluation v1");
    assertThat(identity(refused).claims()).isEmpty();
    assertThat(grant(refused).claims()).isEmpty();
  }

  @Test
  void shows_whoever_comes_later_what_shadow_rules_would_do() {
    Refusal refusal = Refusal.of(RefusalReason.UPSTREAM_NOT_PERMITTED);

    assertThat(given.trail().shadows()).isEqualTo(SHADOWS);
    assertThat(provenance.refusedAgain(refusal).trail().shadows()).isEqualTo(SHADOWS);
  }

  private static VerifiedIdentity identity(EvaluationResult<IssuedToken> result) {
    return Objects.requireNonNull(result.identity());
  }

  private static Grant grant(EvaluationResult<IssuedToken> result) {
    return Objects.requireNonNull(result.grant());
  }
}
