package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.RefusalReason;
import org.junit.jupiter.api.Test;

/** Which refusals a change can cause. */
class CausesTest {

  @Test
  void a_secret_opens_no_circuit_since_the_refusal_of_a_client_is_an_answer() {
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

  @Test
  void a_certificate_that_is_refused_keeps_new_keys_away() {
    assertThat(Causes.of(ChangeKind.CERTIFICATE_CHANGED))
        .contains(
            RefusalReason.ISSUER_TLS_UNTRUSTED,
            RefusalReason.UPSTREAM_TLS_UNTRUSTED,
            RefusalReason.KEY_REFETCH_COOLING_DOWN);
  }
}
