package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import java.time.Instant;
import java.util.List;

/** A verdict as tests of what callers are told need it. */
public final class TestVerdict {

  private TestVerdict() {}

  /** Of an exchange of which the caller may see all that is known of it. */
  public static Verdict refused(Refusal refusal, Trail trail) {
    return new Verdict(
        "v1",
        Instant.EPOCH,
        Intent.EXCHANGE,
        refusal.reason(),
        "0".repeat(64),
        "github",
        null,
        "deploy",
        null,
        "payments-api",
        true,
        trail.findings(),
        refusal.hints(),
        List.of(),
        List.of(),
        refusal.clue());
  }
}
