package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which refusals a change can cause. */
class CausesTest {

  @Test
  void a_secret_opens_no_circuit_since_a_refusal_is_an_answer() {
    assertThat(Causes.of(ChangeKind.SECRET_RELOADED))
        .contains(RefusalReason.UPSTREAM_CLIENT_REFUSED)
        .doesNotContain(RefusalReason.UPSTREAM_CIRCUIT_OPEN);
  }

  @Test
  void one_more_trusted_root_refuses_nobody() {
    assertThat(Causes.of(ChangeKind.NEW_ROOT_SEEN)).isEmpty();
    assertThat(Causes.of(ChangeKind.CA_BUNDLE_RELOADED))
        .contains(RefusalReason.UPSTREAM_TLS_UNTRUSTED);
  }

  /** Only the failed fetch that the refusal names says whether the certificate was refused. */
  @ParameterizedTest
  @CsvSource({"ISSUER_TLS_UNTRUSTED, true", "KEYS_UNREACHABLE, false", ", false"})
  void a_certificate_that_is_refused_keeps_new_keys_away(
      @Nullable RefusalReason failure, boolean explained) {
    Change change = Change.ofIssuer(ChangeKind.CERTIFICATE_CHANGED, "github", "a", "b");
    ChangeEvent event = new ChangeEvent(1, Instant.EPOCH, change, "github", List.of(), List.of());
    RefusalEvidence refused =
        new RefusalEvidence(
            new RefusedPeer(SubjectKind.ISSUER, "github"),
            RefusalReason.KEY_REFETCH_COOLING_DOWN,
            false,
            "",
            "",
            "",
            failure == null ? Clue.none() : Clue.of(failure.name()));

    assertThat(TestEvidence.CAUSES.explains(event, refused)).isEqualTo(explained);
  }
}
