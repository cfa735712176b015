package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which refusals may be joined to a change, and what strangers can do to joins. */
class JoinEvidenceTest {

  private final TestClock clock = new TestClock();
  private final ChangeLog log = new ChangeLog(Optional::empty, clock, _ -> Optional.of("github"));
  private final RefusalHistory history = new RefusalHistory(clock, () -> Set.of("pay"));
  private final Correlation correlation = new Correlation(log, history, TestEvidence.CAUSES, clock);

  /** What is known about the signature of a refused credential. */
  enum Signature {
    UNKNOWN,
    WITHDRAWN_KEY,
    VERIFIED
  }

  @BeforeEach
  void run() {
    clock.advance(Duration.ofMinutes(10));
  }

  @ParameterizedTest
  @CsvSource({
    // made up by anybody who knows the issuer
    "KEY_REMOVED, KEY_UNKNOWN, UNKNOWN, false",
    "KEY_REMOVED, KEY_REFETCH_COOLING_DOWN, UNKNOWN, false",
    "KEY_REPLACED, SIGNATURE_INVALID, UNKNOWN, false",
    "CERTIFICATE_CHANGED, KEY_REFETCH_COOLING_DOWN, UNKNOWN, false",
    "CLAIM_SHAPE_CHANGED, AUDIENCE_MISMATCH, UNKNOWN, false",
    // signed by a key that the issuer has withdrawn
    "KEY_REMOVED, KEY_UNKNOWN, WITHDRAWN_KEY, true",
    "KEY_REMOVED, KEY_REFETCH_COOLING_DOWN, WITHDRAWN_KEY, true",
    "KEY_REPLACED, SIGNATURE_INVALID, WITHDRAWN_KEY, true",
    // signed by the issuer
    "CLAIM_SHAPE_CHANGED, AUDIENCE_MISMATCH, VERIFIED, true",
    "CLOCK_STEPPED, CREDENTIAL_EXPIRED, VERIFIED, true",
    // caused by the issuer, whatever the caller sends
    "DISCOVERY_CHANGED, DISCOVERY_ISSUER_MISMATCH, UNKNOWN, true",
    "CERTIFICATE_CHANGED, ISSUER_TLS_UNTRUSTED, UNKNOWN, true",
  })
  void only_evidence_is_joined_and_other_refusals_are_shown_beside(
      ChangeKind kind, RefusalReason reason, Signature signature, boolean joined) {
    log.changed(Change.ofIssuer(kind, "https://issuer.example", "a", "b").with(clue(kind)));
    refuse(20, reason, signature);
    clock.advance(Duration.ofSeconds(20));

    correlation.round();

    ChangeEvent event = log.events().getFirst();
    assertThat(joined ? event.joined() : event.unproved())
        .extracting(RisenRefusals::reason, RisenRefusals::after)
        .containsExactly(tuple(reason, 20L));
    assertThat(joined ? event.unproved() : event.joined()).isEmpty();
    assertThat(log.joined(kind)).isEqualTo(joined ? 1 : 0);
  }

  /** Credentials with made-up kids come all the time, those of the removed key after a while. */
  @ParameterizedTest
  @ValueSource(ints = {0, 50})
  void steady_noise_neither_makes_nor_hides_a_rise(int evidence) {
    for (int second = 0; second < 360; second++) {
      refuse(6, RefusalReason.KEY_UNKNOWN, Signature.UNKNOWN);
      if (second == 300) {
        log.changed(TestEvidence.removed("https://issuer.example"));
      }
      refuse(second == 310 ? evidence : 0, RefusalReason.KEY_UNKNOWN, Signature.WITHDRAWN_KEY);
      correlation.round();
      clock.advance(Duration.ofSeconds(1));
    }

    String json = new String(ChangeLine.of(log.events().getFirst()), StandardCharsets.UTF_8);
    String refusals = "[{\"name\":\"github\",\"reason\":\"KEY_UNKNOWN\",";
    assertThat(json.contains("\"joined\":" + refusals + "\"before\":0,\"after\":50,"))
        .isEqualTo(json.contains("\"unproved\":" + refusals + "\"before\":1800,\"after\":360,"))
        .isEqualTo(evidence > 0);
  }

  /** The clue that fits the refusals. */
  private static Clue clue(ChangeKind kind) {
    return switch (kind) {
      case CLOCK_STEPPED -> new Clue.Offsets(Duration.ZERO, Duration.ofMinutes(-5));
      case DISCOVERY_CHANGED -> Clue.of(RefusalReason.DISCOVERY_ISSUER_MISMATCH.name());
      case CLAIM_SHAPE_CHANGED -> Clue.of(RefusalReason.AUDIENCE_MISMATCH.name());
      default -> TestEvidence.KEY;
    };
  }

  private void refuse(int times, RefusalReason reason, Signature signature) {
    Trail trail = new Trail();
    trail.issuer("github");
    if (signature == Signature.VERIFIED) {
      trail.passed(Step.SIGNATURE, "", "");
    }
    Clue skew = new Clue.Skew(false, Duration.ofMinutes(2), Duration.ofMinutes(1));
    Clue clue =
        switch (reason) {
          case CREDENTIAL_EXPIRED -> skew;
          case KEY_REFETCH_COOLING_DOWN -> Clue.of(RefusalReason.ISSUER_TLS_UNTRUSTED.name());
          default -> Clue.none();
        };
    boolean withdrawn = signature == Signature.WITHDRAWN_KEY;
    trail.refuse(Step.KEY, Refusal.of(reason).clue(withdrawn ? Clue.signed("a") : clue));
    Verdict verdict = Verdict.of("id", clock.instant(), Intent.EXCHANGE, "", "orders", trail);
    ExchangeRecord record =
        new ExchangeRecord(verdict, "", "", "", null, null, null, null, false, Duration.ZERO);
    for (int at = 0; at < times; at++) {
      history.ended(record);
    }
  }
}
