package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records of evaluations, with a subject that nobody but the audit log may show. */
final class LiveRecords {

  static final String SUBJECT = "repo:acme/secret";
  static final String REVISION = "r1";

  private LiveRecords() {}

  /** An exchange that a rule has decided. */
  static ExchangeRecord accepted(String rule) {
    return record(Intent.EXCHANGE, null, REVISION, rule, TestClock.START, List.of());
  }

  static ExchangeRecord accepted(String rule, String revision, Instant time) {
    return record(Intent.EXCHANGE, null, revision, rule, time, List.of());
  }

  /** An exchange that no rule allows, but these shadow rules would. */
  static ExchangeRecord shadowed(String... shadows) {
    return record(
        Intent.EXCHANGE,
        RefusalReason.NO_RULE_MATCHED,
        REVISION,
        null,
        TestClock.START,
        List.of(shadows).stream().map(rule -> new ShadowFinding(rule, null)).toList());
  }

  static ExchangeRecord refused(RefusalReason reason) {
    return record(Intent.EXCHANGE, reason, REVISION, null, TestClock.START, List.of());
  }

  static ExchangeRecord of(Intent intent) {
    return record(intent, null, REVISION, "a", TestClock.START, List.of());
  }

  private static ExchangeRecord record(
      Intent intent,
      @Nullable RefusalReason reason,
      String revision,
      @Nullable String rule,
      Instant time,
      List<ShadowFinding> shadows) {
    Trail trail = new Trail();
    trail.passed(Step.REQUEST, "", "");
    Verdict verdict =
        new Verdict(
            "0123456789abcdef0123456789abcdef",
            time,
            intent,
            reason,
            revision,
            "github",
            null,
            rule,
            null,
            "payments-api",
            true,
            trail.findings(),
            List.of(),
            List.of(),
            shadows,
            Clue.none());
    return new ExchangeRecord(
        verdict,
        "grpc",
        "192.0.2.7",
        "a1b2c3d4e5f60718",
        SUBJECT,
        null,
        null,
        null,
        false,
        Duration.ofMillis(2));
  }
}
