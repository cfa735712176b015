package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.federation.KeptRevision;
import dev.tokenbroker.federation.KeptRevision.RolloutAction;
import dev.tokenbroker.lifecycle.KnownCaller;
import dev.tokenbroker.lifecycle.PresentedCaller;
import dev.tokenbroker.lifecycle.RolloutRecord;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.possession.PresentedKeys;
import dev.tokenbroker.runtime.TestClock;
import jakarta.enterprise.event.Shutdown;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RolloutLineTest {

  private static final List<String> GOLDEN = Golden.lines("audit-lines.txt");
  private static final String ONE = "a".repeat(64);
  private static final String OTHER = "b".repeat(64);

  @Test
  void says_who_promoted_which_revision_and_why() {
    RolloutRecord record =
        record(RolloutAction.PROMOTED, "grpc", ONE, OTHER, "payments may deploy from main", null);
    assertThat(text(record)).isEqualTo(GOLDEN.get(8) + "\n");
  }

  @Test
  void says_why_a_revision_did_not_come_into_force() {
    assertThat(text(refused())).isEqualTo(GOLDEN.get(9) + "\n");
  }

  @Test
  void says_whose_decision_at_another_replica_was_followed() {
    KeptRevision decision =
        new KeptRevision(
            ONE,
            TestClock.START,
            RolloutAction.PROMOTED,
            "repo:acme/federation",
            "payments may deploy from main");
    assertThat(text(RolloutRecord.followed(TestClock.START, decision, OTHER, null)))
        .isEqualTo(GOLDEN.get(10) + "\n");
  }

  @Test
  void cleans_the_words_of_the_caller() {
    RolloutRecord record =
        record(
            RolloutAction.PROMOTED, "grpc", ONE, OTHER, "a\u0007b eyJhbGciOiJub25lIn0.e30.", null);
    assertThat(text(record)).contains("\"why\":\"a\\uFFFDb (a token)\"");
  }

  @Test
  void goes_where_the_other_lines_go() {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    AuditLog log = AuditLogTest.auditLog(new AuditStream(output)::write);

    log.rollout(refused());

    assertThat(output.toByteArray()).isEqualTo(RolloutLine.of(refused()));
    log.stop(new Shutdown());
  }

  private static RolloutRecord refused() {
    return record(
        RolloutAction.ROLLED_BACK,
        "http",
        OTHER,
        ONE,
        "payments cannot deploy",
        RefusalReason.REVISION_UNFIT);
  }

  private static RolloutRecord record(
      RolloutAction action,
      String edge,
      String before,
      String revision,
      String why,
      @Nullable RefusalReason refused) {
    return new RolloutRecord(
        TestClock.START,
        new PresentedCaller("Bearer secret", PresentedKeys.NONE, edge, "192.0.2.7"),
        new KnownCaller("repo:acme/federation", null, null),
        null,
        action,
        before,
        revision,
        why,
        refused);
  }

  private static String text(RolloutRecord record) {
    return new String(RolloutLine.of(record), StandardCharsets.US_ASCII);
  }
}
