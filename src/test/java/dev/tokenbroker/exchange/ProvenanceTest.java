package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.credential.VerifiedIdentities;
import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.outcome.Trail;
import dev.tokenbroker.outcome.Trail.Finding;
import dev.tokenbroker.outcome.Trail.Result;
import dev.tokenbroker.policy.Grant;
import dev.tokenbroker.policy.RuledGrants;
import dev.tokenbroker.possession.TokenType;
import dev.tokenbroker.runtime.TestClock;
import dev.tokenbroker.token.IssuedToken;
import java.util.List;
import java.util.Map;
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

  private final VerifiedIdentity identity =
      VerifiedIdentities.of(
          RuledGrants.ISSUER, Map.of("sub", "workload", "repository", "acme/payments"));
  private final Grant grant =
      RuledGrants.of("payments-api", "repo:acme", List.of("read"), Map.of("team", "payments"))
          .orElseThrow();
  private final Provenance provenance = Provenance.of(identity, grant, "v1");

  @Test
  void keeps_no_claims() {
    assertThat(identity.claims()).isNotEmpty();
    assertThat(grant.claims()).isNotEmpty();
    assertThat(provenance.identity().claims()).isEmpty();
    assertThat(provenance.grant().claims()).isEmpty();
  }

  @Test
  void keeps_whom_the_token_is_for_and_until_when_that_is_proved() {
    assertThat(provenance.identity().issuer()).isSameAs(RuledGrants.ISSUER);
    assertThat(provenance.identity().subject()).isEqualTo("workload");
    assertThat(provenance.identity().expireTime()).isEqualTo(identity.expireTime());
    assertThat(provenance.grant())
        .usingRecursiveComparison()
        .ignoringFields("claims")
        .isEqualTo(grant);
    assertThat(provenance.stands(TestClock.START)).isTrue();
    assertThat(provenance.stands(identity.acceptedUntil())).isFalse();
  }

  @Test
  void tells_each_hit_the_same() {
    assertThat(provenance.told()).isSameAs(provenance.told());
    assertThat(provenance.told().steps())
        .filteredOn(step -> step.result() == Result.PASSED)
        .extracting(Finding::step)
        .containsExactly(Step.REQUEST, Step.CACHE);
    assertThat(provenance.told().notes()).singleElement().asString().contains("evaluation v1");
  }

  @Test
  void tells_who_finds_the_token_after_a_first_look_what_each_hit_is_told() {
    Trail found = provenance.givenAgain(TOKEN).trail();

    assertThat(found.findings())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("nanos")
        .isEqualTo(provenance.told().steps());
    assertThat(found.notes()).isEqualTo(provenance.told().notes());
  }
}
