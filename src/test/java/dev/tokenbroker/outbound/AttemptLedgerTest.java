package dev.tokenbroker.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.runtime.TestClock;
import dev.tokenbroker.store.Rank;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AttemptLedgerTest {

  private static final GuardValues SETTINGS = GuardValues.defaults();

  private final TestClock clock = new TestClock();
  private Rank rank = Rank.ALONE;

  @Test
  void a_second_attempt_for_a_key_that_is_under_way_is_paid_for() {
    AttemptLedger ledger = ledger(SETTINGS, 10);

    assertThat(admit(ledger, "key").kind()).isEqualTo(Permission.PermissionKind.FIRST);
    assertThat(admit(ledger, "key").kind()).isEqualTo(Permission.PermissionKind.RETRY);
    assertThat(ledger.figures().tokens()).isEqualTo(4);
  }

  @Test
  void what_is_not_made_costs_nothing_and_leaves_no_trace() {
    AttemptLedger ledger = ledger(SETTINGS, 10);
    Permission first = admit(ledger, "key");
    Permission retry = admit(ledger, "key");

    ledger.cancel(retry);
    ledger.cancel(first);

    assertThat(ledger.figures()).isEqualTo(new AttemptLedger.Figures(0, 0, 0, 0, 0, 5, 5));
    assertThat(admit(ledger, "key").kind()).isEqualTo(Permission.PermissionKind.FIRST);
  }

  @Test
  void a_success_makes_the_next_attempt_for_its_key_a_needed_one() {
    AttemptLedger ledger = ledger(SETTINGS, 10);
    fail(ledger, "key");
    Permission retry = admit(ledger, "key");
    assertThat(retry.kind()).isEqualTo(Permission.PermissionKind.RETRY);
    ledger.begin(retry);
    ledger.succeeded(retry);

    assertThat(admit(ledger, "key").kind()).isEqualTo(Permission.PermissionKind.FIRST);
  }

  @Test
  void the_budget_never_holds_more_than_its_burst() {
    AttemptLedger ledger = ledger(SETTINGS, 10);
    Permission aside = retryOf(ledger);
    for (int success = 0; success < 100; success++) {
      Permission permission = admit(ledger, "fine");
      ledger.begin(permission);
      ledger.succeeded(permission);
    }
    assertThat(ledger.figures().tokens()).isEqualTo(4);
    ledger.cancel(aside);
    assertThat(ledger.figures().tokens()).isEqualTo(5);
  }

  @Test
  void a_full_memory_lets_in_only_what_is_paid_for() {
    AttemptLedger ledger = ledger(SETTINGS.withBudget(1, 0.1), 3);
    fail(ledger, "one");
    fail(ledger, "two");
    fail(ledger, "three");

    assertThat(admit(ledger, "four").kind()).isEqualTo(Permission.PermissionKind.RETRY);
    assertThat(ledger.admit("five", true))
        .isEqualTo(new AttemptLedger.AttemptAdmission.AttemptRefused(SETTINGS.coolDown()));
    clock.advance(SETTINGS.coolDown());
    assertThat(admit(ledger, "five").kind()).isEqualTo(Permission.PermissionKind.FIRST);
  }

  @Test
  void a_key_that_is_held_for_long_does_not_keep_others_from_being_forgotten() {
    AttemptLedger ledger = ledger(SETTINGS.withBudget(0, 0), 2);
    Permission held = admit(ledger, "held");
    ledger.begin(held);
    ledger.failed(held, Duration.ofHours(1));
    fail(ledger, "other");

    clock.advance(SETTINGS.coolDown());
    assertThat(admit(ledger, "new").kind()).isEqualTo(Permission.PermissionKind.FIRST);
    assertThat(ledger.admit("held", true))
        .isEqualTo(
            new AttemptLedger.AttemptAdmission.Held(
                AttemptLedger.MAX_HOLD.minus(SETTINGS.coolDown())));
  }

  @Test
  void lets_one_probe_in_each_interval() {
    AttemptLedger ledger = ledger(SETTINGS.withBudget(0, 0), 10);
    fail(ledger, "key");
    Permission probe = admitOpen(ledger);
    assertThat(probe.kind()).isEqualTo(Permission.PermissionKind.PROBE);
    assertThat(ledger.admit("key", false))
        .isInstanceOf(AttemptLedger.AttemptAdmission.AttemptRefused.class);
    ledger.cancel(probe);
    Permission made = admitOpen(ledger);
    ledger.begin(made);
    ledger.failed(made, null);

    clock.advance(SETTINGS.probeInterval().minusNanos(1));
    assertThat(ledger.admit("key", false))
        .isInstanceOf(AttemptLedger.AttemptAdmission.AttemptRefused.class);
    clock.advance(Duration.ofNanos(1));
    assertThat(admitOpen(ledger).kind()).isEqualTo(Permission.PermissionKind.PROBE);
  }

  @Test
  void gives_up_tokens_when_replicas_come_and_gets_none_when_they_go() {
    AttemptLedger ledger = ledger(SETTINGS, 10);
    rank = new Rank(1, 3);
    assertThat(ledger.figures().tokens()).isEqualTo(1);
    assertThat(ledger.figures().granted()).isEqualTo(1);

    Permission retry = retryOf(ledger);
    ledger.begin(retry);
    rank = Rank.ALONE;
    assertThat(ledger.figures().tokens()).isZero();
    assertThat(ledger.figures().granted()).isEqualTo(1);
    for (int success = 0; success < 100; success++) {
      Permission permission = admit(ledger, "fine");
      ledger.begin(permission);
      ledger.succeeded(permission);
    }
    assertThat(ledger.figures().tokens()).isEqualTo(5);
  }

  @Test
  void a_token_that_is_set_aside_stays_when_replicas_come_and_does_not_come_back_on_top() {
    AttemptLedger ledger = ledger(SETTINGS, 10);
    Permission one = retryOf(ledger);
    Permission two = admit(ledger, "failed");
    rank = new Rank(0, 5);

    assertThat(ledger.figures().tokens()).isZero();
    ledger.cancel(one);
    ledger.cancel(two);
    assertThat(ledger.figures().tokens()).isEqualTo(1);
  }

  @Test
  void lets_a_probe_in_once_for_each_interval_of_all_replicas() {
    AttemptLedger ledger = ledger(SETTINGS.withBudget(0, 0), 10);
    rank = new Rank(1, 2);
    fail(ledger, "key");
    Permission probe = admitOpen(ledger);
    ledger.begin(probe);
    ledger.failed(probe, null);

    clock.advance(SETTINGS.probeInterval().multipliedBy(2).minusNanos(1));
    assertThat(ledger.admit("key", false))
        .isInstanceOf(AttemptLedger.AttemptAdmission.AttemptRefused.class);
    clock.advance(Duration.ofNanos(1));
    assertThat(admitOpen(ledger).kind()).isEqualTo(Permission.PermissionKind.PROBE);
  }

  @Test
  void a_permission_is_used_once() {
    AttemptLedger ledger = ledger(SETTINGS, 10);
    Permission permission = admit(ledger, "key");
    ledger.begin(permission);
    assertThatThrownBy(() -> ledger.cancel(permission)).isInstanceOf(IllegalStateException.class);
    ledger.failed(permission, null);
    assertThatThrownBy(() -> ledger.succeeded(permission))
        .isInstanceOf(IllegalStateException.class);
  }

  private AttemptLedger ledger(GuardSettings settings, int maxKeys) {
    GuardShare share = new GuardShare(settings, () -> rank);
    return new AttemptLedger(settings, share, maxKeys, clock::nanoTime);
  }

  private static Permission admit(AttemptLedger ledger, String key) {
    return ((AttemptLedger.AttemptAdmission.AttemptAdmitted) ledger.admit(key, true)).permission();
  }

  private static Permission admitOpen(AttemptLedger ledger) {
    return ((AttemptLedger.AttemptAdmission.AttemptAdmitted) ledger.admit("key", false))
        .permission();
  }

  private static Permission retryOf(AttemptLedger ledger) {
    fail(ledger, "failed");
    return admit(ledger, "failed");
  }

  private static void fail(AttemptLedger ledger, String key) {
    Permission permission = admit(ledger, key);
    ledger.begin(permission);
    ledger.failed(permission, null);
  }
}
