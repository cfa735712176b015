package dev.tokenbroker.edges.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.expression.Condition;
import dev.tokenbroker.judge.expression.Expressions;
import dev.tokenbroker.judge.expression.Expressions.Compiled;
import dev.tokenbroker.judge.issuer.FormerIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.policy.Terms;
import dev.tokenbroker.process.runtime.TestClock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RuleHitsTest {

  private static final Condition ALWAYS = always();

  private @Nullable Federation inForce = federation(LiveRecords.REVISION, "a", "b");
  private final RuleHits hits = new RuleHits(() -> Optional.ofNullable(inForce));

  private static Condition always() {
    return switch (new Expressions().condition("true")) {
      case Compiled.Ok<Condition>(Condition condition) -> condition;
      case Compiled.Bad<Condition>(List<Compiled.Mistake> mistakes) ->
          throw new AssertionError(mistakes);
    };
  }

  private static Rule rule(String name) {
    return new Rule(
        name, "github", "payments-api", ALWAYS, new Terms(null, List.of(), Map.of(), false), false);
  }

  private static Federation federation(String revision, String... rules) {
    return new Federation(
        revision,
        TrustedIssuers.of(List.of()),
        RegisteredClients.NONE,
        Policy.of(List.of(), Stream.of(rules).map(RuleHitsTest::rule).toList()),
        Map.of(),
        TestClock.START,
        List.of(),
        FormerIssuers.NONE);
  }

  private long hits(String rule) {
    return hits.use(rule(rule)).hits();
  }

  @Test
  void counts_exchanges_that_a_rule_decided_and_keeps_the_last_time() {
    hits.ended(LiveRecords.accepted("a"));
    hits.ended(LiveRecords.accepted("a", LiveRecords.REVISION, TestClock.START.plusSeconds(5)));

    assertThat(hits("a")).isEqualTo(2);
    assertThat(hits.use(rule("a")).last()).isEqualTo(TestClock.START.plusSeconds(5));
    assertThat(hits("b")).isZero();
    assertThat(hits.use(rule("b")).last()).isNull();
  }

  @Test
  void counts_what_a_shadow_rule_would_have_decided() {
    hits.ended(LiveRecords.shadowed("b"));

    assertThat(hits("a")).isZero();
    assertThat(hits("b")).isEqualTo(1);
  }

  @Test
  void counts_neither_explanations_nor_refreshes() {
    hits.ended(LiveRecords.of(Intent.EXPLAIN));
    hits.ended(LiveRecords.of(Intent.REFRESH));

    assertThat(hits("a")).isZero();
  }

  @Test
  void forgets_a_rule_that_left_the_federation_and_keeps_the_others() {
    hits.ended(LiveRecords.accepted("a"));
    hits.ended(LiveRecords.accepted("b"));

    inForce = federation("r2", "b", "c");
    hits.ended(LiveRecords.accepted("c", "r2", TestClock.START));
    assertThat(hits("a")).isZero();
    assertThat(hits("b")).isEqualTo(1);
    assertThat(hits("c")).isEqualTo(1);

    inForce = federation("r3", "a");
    assertThat(hits("a")).isZero();
  }

  @Test
  void an_exchange_of_an_earlier_revision_adds_no_rule() {
    inForce = federation("r2", "b");
    hits.ended(LiveRecords.accepted("a"));
    hits.ended(LiveRecords.accepted("b"));

    assertThat(hits("a")).isZero();
    assertThat(hits("b")).isEqualTo(1);
  }

  @Test
  void counts_nothing_while_no_federation_is_in_force() {
    inForce = null;
    hits.ended(LiveRecords.accepted("a"));

    assertThat(hits("a")).isZero();
  }
}
