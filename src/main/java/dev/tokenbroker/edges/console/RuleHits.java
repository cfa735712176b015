package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.policy.Rule;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts how many exchanges each rule has decided since the start, and remembers the last. A shadow
 * rule counts those that it would have decided.
 *
 * <p>There is a count for each rule in force, and for no other: a rule that leaves the federation
 * is forgotten. An exchange costs one look-up and one addition. Safe for use by many threads.
 */
@Singleton
final class RuleHits implements ExchangeObserver {

  private final Supplier<Optional<Federation>> federation;
  private volatile CountedRules counted = new CountedRules("", Map.of());

  /** The counts of one revision, by the name of the rule. */
  private record CountedRules(String revision, Map<String, RuleUse> byName) {}

  @Inject
  RuleHits(Federations federations) {
    this(federations::current);
  }

  /**
   * @param federation the federation in force
   */
  RuleHits(Supplier<Optional<Federation>> federation) {
    this.federation = federation;
  }

  /** How often a rule was used, and when it was last. Safe for use by many threads. */
  static final class RuleUse {

    private final LongAdder hits = new LongAdder();

    /** The last of several at once may be any of them. */
    private volatile @Nullable Instant last;

    private void hit(Instant time) {
      hits.increment();
      last = time;
    }

    long hits() {
      return hits.sum();
    }

    /** When the rule was last used; null if it never was. */
    @Nullable Instant last() {
      return last;
    }
  }

  @Override
  public void ended(ExchangeRecord record) {
    Verdict verdict = record.verdict();
    if (verdict.intent() != Intent.EXCHANGE) {
      return;
    }
    if (verdict.rule() != null) {
      count(verdict.rule(), verdict);
    }
    for (ShadowFinding shadow : verdict.shadowRules()) {
      count(shadow.rule(), verdict);
    }
  }

  private void count(String rule, Verdict verdict) {
    CountedRules now = counted;
    if (!now.revision().equals(verdict.federationRevision())) {
      now = inForce();
    }
    RuleUse use = now.byName().get(rule);
    if (use != null) { // else the exchange began under an earlier revision
      use.hit(verdict.evaluationTime());
    }
  }

  /** The use of a rule in force. */
  RuleUse use(Rule rule) {
    return inForce().byName().getOrDefault(rule.name(), new RuleUse());
  }

  private CountedRules inForce() {
    Federation now = federation.get().orElse(null);
    return now == null || now.revision().equals(counted.revision()) ? counted : follow(now);
  }

  private synchronized CountedRules follow(Federation now) {
    CountedRules before = counted;
    if (!now.revision().equals(before.revision())) {
      Map<String, RuleUse> byName = new HashMap<>();
      for (Rule rule : now.policy().rules()) {
        RuleUse known = before.byName().get(rule.name());
        byName.put(rule.name(), known == null ? new RuleUse() : known);
      }
      counted = new CountedRules(now.revision(), byName);
    }
    return counted;
  }
}
