package dev.tokenbroker.judge.issuer;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static dev.tokenbroker.judge.issuer.ScriptedIssuer.TTL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Probes of an issuer, beside the fetches for callers. */
class KeyProbeTest {

  private static final Duration EVERY = Duration.ofMinutes(5);

  /** Longer than any wait for a probe. */
  private static final Duration DUE = Duration.ofMinutes(7);

  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  private final TestClock clock = new TestClock();
  private final ScriptedIssuer issuer = new ScriptedIssuer(clock, "a", "b");
  private final List<Change> changes = new ArrayList<>();
  private @Nullable Runnable whileFetching; // runs between the answer and its arrival
  private final RemoteKeys keys =
      issuer.keys(
          (request, deadline) -> {
            CallEnd answer = issuer.get(request, deadline);
            Runnable meanwhile = whileFetching;
            if (meanwhile != null && request.uri().getPath().endsWith("jwks")) {
              whileFetching = null;
              meanwhile.run();
            }
            return answer;
          },
          changes::add);

  @Test
  void sees_a_removed_key_without_a_caller() {
    accepted(keys.keys("a", FAR));
    issuer.publish("b");
    clock.advance(DUE);

    probe();

    assertThat(changes).extracting(Change::kind).containsExactly(ChangeKind.KEY_REMOVED);
    assertThat(keys.status().freshness()).isEqualTo(KeySetStatus.Freshness.FRESH);
    assertThat(keys.publishes("a")).isFalse();
  }

  @Test
  void fetches_both_documents_past_caches() {
    clock.advance(DUE);
    probe();
    assertThat(issuer.fetched()).containsExactly("openid-configuration", "jwks");
    assertThat(issuer.pastCaches()).containsExactly(false, true);
    assertThat(keys.status().fetches()).isEqualTo(2);
    assertThat(keys.probeFetches()).isEqualTo(2);
  }

  @Test
  void is_not_due_while_callers_fetch() {
    for (int fetch = 0; fetch < 10; fetch++) {
      keys.keys("unknown", FAR);
      clock.advance(EVERY.minusSeconds(1));
      assertThat(keys.dueProbe(EVERY)).isEmpty();
    }
  }

  @Test
  void takes_no_slot_of_a_caller() {
    clock.advance(DUE);
    probe();
    int before = issuer.fetches();

    issuer.publish("a", "b", "c");
    accepted(keys.keys("c", FAR));

    assertThat(issuer.fetches()).isEqualTo(before + 1);
  }

  @Test
  void is_made_while_a_caller_waits_for_its_own_fetch() {
    accepted(keys.keys("a", FAR));
    clock.advance(DUE);
    whileFetching =
        () -> {
          issuer.publish("a", "b", "c");
          clock.advance(DUE);
          probe();
        };

    // The response for the caller is older than that of the probe, and does not replace it.
    accepted(keys.keys("c", FAR));
    assertThat(keys.publishes("c")).isTrue();
    assertThat(changes).extracting(Change::kind).containsExactly(ChangeKind.KEY_ADDED);
  }

  @Test
  void a_failed_probe_changes_nothing_for_callers() {
    accepted(keys.keys("a", FAR));
    clock.advance(DUE);
    CallFailed busy =
        new CallFailed(FetchFailure.SERVER_ERROR, "answered with status 503", EVERY, null);
    issuer.answerKeys(busy);
    issuer.answerDiscovery(busy);

    probe();

    assertThat(keys.publishes("a")).isTrue();
    assertThat(keys.status().lastFailure()).isNull();
    assertThat(keys.failures(RefusalReason.KEYS_UNREACHABLE)).isEqualTo(1);

    // Neither the cool-down nor the Retry-After keeps a caller from its fetch.
    issuer.recover("a", "b", "c");
    accepted(keys.keys("c", FAR));
  }

  @Test
  void a_failed_probe_is_not_what_callers_are_told() {
    issuer.fail(FetchFailure.TLS_UNTRUSTED);
    clock.advance(DUE);
    probe();

    issuer.fail(FetchFailure.UNREACHABLE);
    assertThat(reason(keys.keys("a", FAR))).isEqualTo(RefusalReason.KEYS_UNREACHABLE);
    assertThat(keys.failures(RefusalReason.ISSUER_TLS_UNTRUSTED)).isEqualTo(1);
    assertThat(keys.failures(RefusalReason.KEYS_UNREACHABLE)).isEqualTo(1);
  }

  @Test
  void waits_where_the_issuer_has_asked_callers_to_wait() {
    issuer.answerDiscovery(
        new CallFailed(FetchFailure.SERVER_ERROR, "answered with status 503", DUE, null));
    clock.advance(DUE);
    keys.keys("a", FAR);
    clock.advance(TTL.minusSeconds(1));

    assertThat(keys.dueProbe(Duration.ofSeconds(10))).isEmpty();
  }

  @Test
  void a_moved_key_set_is_told_once_whoever_sees_it() {
    accepted(keys.keys("a", FAR));
    issuer.moveKeys(ScriptedIssuer.ISSUER + "/moved");
    clock.advance(DUE);
    probe();
    clock.advance(TTL.plusMinutes(2));
    accepted(keys.keys("a", FAR));
    keys.keys("unknown", FAR);

    assertThat(changes).extracting(Change::kind).containsExactly(ChangeKind.KEY_LOCATION_MOVED);
  }

  @Test
  void the_bound_holds_with_the_probes_beside_it() {
    int probes = 0;
    for (int second = 0; second < 4 * 3600; second++) {
      clock.advance(Duration.ofSeconds(1));
      var due = keys.dueProbe(EVERY);
      if (due.isPresent()) {
        due.get().run();
        probes++;
      }
      if (second % 1200 == 0) {
        keys.keys("unknown", FAR);
      }
    }
    assertThat(probes).isBetween(20, 1 + 4 * 12);
    assertThat(keys.probeFetches()).isEqualTo(2L * probes);
    assertThat(keys.status().fetches() - keys.probeFetches()).isLessThanOrEqualTo(2 * 12);
  }

  private void probe() {
    keys.dueProbe(EVERY).orElseThrow().run();
  }
}
