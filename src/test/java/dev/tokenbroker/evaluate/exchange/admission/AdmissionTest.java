package dev.tokenbroker.evaluate.exchange.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.admission.Admission.AdmissionStatus;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AdmissionTest {

  private static final Deadline LONG = Deadline.after(Duration.ofHours(1));
  private static final Deadline PASSED = Deadline.after(Duration.ZERO);

  /** Longer than anything may wait while overloaded. */
  private static final Duration LATE = Duration.ofMillis(501);

  private static final CredentialDigest ONE = CredentialDigest.of("one");

  private final TestClock clock = new TestClock();
  private final Random random = new Random(20261124);
  private int credentials;

  @Test
  void lets_in_and_counts_until_the_end() {
    Admission admission = admission(TestAdmissionSettings.defaults());
    Admitted.Permit permit = permit(admission);
    assertThat(admission.status().waiting()).isEqualTo(1);
    assertThat(permit.begin(LONG)).isSameAs(permit);
    assertThat(admission.status().waiting()).isZero();
    assertThat(admission.status().inFlight()).isEqualTo(1);
    permit.close();
    permit.close();
    assertThat(admission.status())
        .isEqualTo(new AdmissionStatus(false, 4096, 0, 0, 1, 0, 0, 0, 0, 0));
  }

  @Test
  void gives_everything_back_where_a_permit_is_not_used() {
    Admission admission =
        admission(TestAdmissionSettings.defaults().withMaxInFlight(1).withPerCredential(1, 1));
    for (int at = 0; at < 10; at++) {
      assertThat(admission.admit(ONE, LONG))
          .isInstanceOfSatisfying(Admitted.Permit.class, Admitted.Permit::close);
    }
    assertThat(admission.status().inFlight()).isZero();
    assertThat(admission.status().waiting()).isZero();
  }

  @Test
  void returns_the_rate_of_a_credential_refused_for_waiting() {
    Admission admission = admission(TestAdmissionSettings.defaults().withPerCredential(1, 1));
    TestOverload overload = TestOverload.of(admission, clock);
    Admitted.Permit late = overload.admit(ONE);
    overload.goOn(LATE);
    assertThat(refusal(late.begin(LONG)).reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED);
    overload.leave();
    assertThat(admission.status().inFlight()).isZero();

    // Less than the second has passed after which the next would be due.
    assertThat(admission.admit(ONE, LONG)).isInstanceOf(Admitted.Permit.class);
  }

  @Test
  void counts_as_admitted_what_was_begun_and_nothing_else() {
    Admission admission = admission(TestAdmissionSettings.defaults());
    permit(admission).close();
    assertThat(admission.status().admitted()).isZero();
    permit(admission).begin(LONG);
    assertThat(admission.status().admitted()).isEqualTo(1);

    Admitted.Permit late = late(admission);
    long before = admission.status().admitted();
    assertThat(refusal(late.begin(LONG)).reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED);
    assertThat(admission.status().admitted()).isEqualTo(before);
    assertThat(admission.status().refusedLate()).isEqualTo(1);
  }

  @Test
  void runs_work_under_a_started_permit_and_always_closes_it() {
    Admission admission = admission(TestAdmissionSettings.defaults());
    String done = admit(admission).through(() -> LONG, () -> figures(admission), Refusal::toString);
    assertThat(done).isEqualTo("0 waiting, 1 in flight");
    assertThat(figures(admission)).isEqualTo("0 waiting, 0 in flight");

    assertThatThrownBy(
            () ->
                admit(admission)
                    .through(
                        () -> LONG,
                        () -> Unchecked.raise(new StackOverflowError()),
                        refusal -> refusal))
        .isInstanceOf(StackOverflowError.class);
    assertThat(figures(admission)).isEqualTo("0 waiting, 0 in flight");
  }

  @Test
  void has_no_work_done_that_is_sent_away() {
    Admission admission = admission(TestAdmissionSettings.defaults());
    assertThat(
            admission.admit(ONE, PASSED).through(() -> LONG, AdmissionTest::never, Refusal::reason))
        .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(figures(admission)).isEqualTo("0 waiting, 0 in flight");
  }

  @Test
  void has_no_work_done_that_has_waited_for_too_long() {
    Admission admission = admission(TestAdmissionSettings.defaults());
    Admitted.Permit late = late(admission);
    assertThat(late.through(() -> LONG, AdmissionTest::never, Refusal::reason))
        .isEqualTo(RefusalReason.BROKER_OVERLOADED);
    assertThat(admission.status().refusedLate()).isEqualTo(1);
  }

  @Test
  void does_work_that_a_caller_joined_before_it_got_its_thread() {
    Admission admission = admission(TestAdmissionSettings.defaults());
    AtomicReference<Deadline> latest = new AtomicReference<>(PASSED);
    Admitted.Permit joined = permit(admission);
    latest.set(LONG);
    assertThat(joined.through(latest::get, () -> "done", Refusal::toString)).isEqualTo("done");
  }

  @Test
  void skips_work_that_has_no_caller_left_when_it_gets_a_thread() {
    Admission admission = admission(TestAdmissionSettings.defaults().withPerCredential(1, 1));
    Admitted left = admission.admit(ONE, LONG);
    assertThat(left.through(() -> PASSED, AdmissionTest::never, Refusal::reason))
        .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(admission.status().expired()).isEqualTo(1);
    assertThat(figures(admission)).isEqualTo("0 waiting, 0 in flight");
    assertThat(admission.admit(ONE, LONG)).isInstanceOf(Admitted.Permit.class);
  }

  /** No caller set that deadline: it is the broker that took too long. */
  @Test
  void tells_a_caller_without_deadline_of_the_overload() {
    Admission admission = admission(TestAdmissionSettings.defaults());
    Refusal refusal = refusal(admission.admit(ONE, Deadline.limit(Duration.ZERO)));
    assertThat(refusal.reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED);
    assertThat(refusal.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(2));
  }

  @Test
  void can_be_begun_once_only() {
    Admission admission = admission(TestAdmissionSettings.defaults());
    Admitted.Permit begun = permit(admission);
    begun.begin(LONG);
    assertThatThrownBy(() -> begun.begin(LONG)).isInstanceOf(IllegalStateException.class);
    Admitted.Permit closed = permit(admission);
    closed.close();
    assertThatThrownBy(() -> closed.begin(LONG)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void drops_who_has_stopped_waiting_before_anything_is_done() {
    Admission admission = admission(TestAdmissionSettings.defaults());
    assertThat(refusal(admission.admit(ONE, PASSED)).reason())
        .isEqualTo(RefusalReason.DEADLINE_EXCEEDED);
    assertThat(admission.status().expired()).isEqualTo(1);
    assertThat(admission.status().inFlight()).isZero();
  }

  @Test
  void bounds_how_many_are_under_way() {
    Admission admission = admission(TestAdmissionSettings.defaults().withMaxInFlight(3));
    List<Admitted.Permit> permits = new ArrayList<>();
    for (int at = 0; at < 3; at++) {
      Admitted.Permit permit = permit(admission);
      permit.begin(LONG);
      permits.add(permit);
    }
    assertThat(refusal(admit(admission)).reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED);
    assertThat(admission.status().refusedInFlight()).isEqualTo(1);
    assertThat(admission.status().inFlight()).isEqualTo(3);
    permits.getFirst().close();
    assertThat(admit(admission)).isInstanceOf(Admitted.Permit.class);
  }

  @Test
  void limits_callers_that_share_work_and_admits_others_meanwhile() {
    Admission admission = admission(TestAdmissionSettings.defaults().withMaxInFlight(2));
    AtomicInteger one = new AtomicInteger();
    assertThat(admission.admitSharer(one)).isEmpty();
    assertThat(admission.admitSharer(new AtomicInteger())).isEmpty();
    assertThat(admission.admitSharer(new AtomicInteger()))
        .hasValueSatisfying(
            full -> {
              assertThat(full.reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED);
              assertThat(full.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(2));
            });
    assertThat(admission.status().refusedInFlight()).isEqualTo(1);
    assertThat(admit(admission)).isInstanceOf(Admitted.Permit.class);
    admission.sharerLeft(one);
    assertThat(admission.admitSharer(one)).isEmpty();
  }

  @Test
  void keeps_some_places_from_those_who_share_the_same() {
    Admission admission = admission(TestAdmissionSettings.defaults().withMaxInFlight(8));
    AtomicInteger same = new AtomicInteger();
    for (int at = 0; at < 6; at++) {
      assertThat(admission.admitSharer(same)).isEmpty();
    }

    assertThat(admission.admitSharer(same))
        .hasValueSatisfying(
            full -> assertThat(full.reason()).isEqualTo(RefusalReason.BROKER_OVERLOADED));
    assertThat(admission.admitSharer(new AtomicInteger())).isEmpty();
    admission.sharerLeft(same);
    assertThat(admission.admitSharer(same)).isEmpty();
  }

  @Test
  void limits_a_credential_without_holding_up_others() {
    Admission admission = admission(TestAdmissionSettings.defaults());
    int let = 0;
    for (int at = 0; at < 1_000; at++) {
      if (admission.admit(ONE, LONG) instanceof Admitted.Permit permit) {
        let++;
        permit.begin(LONG);
        permit.close();
      }
      Admitted.Permit other = permit(admission);
      other.begin(LONG);
      other.close();
    }
    assertThat(let).isEqualTo(400);
    assertThat(refusal(admission.admit(ONE, LONG)).reason())
        .isEqualTo(RefusalReason.CREDENTIAL_RATE_LIMITED);
    assertThat(admission.status().refusedCredential()).isEqualTo(601);
    assertThat(admission.status().inFlight()).isZero();
    assertThat(admission.status().waiting()).isZero();
  }

  @Test
  void spreads_those_it_sends_away_over_the_whole_pushback() {
    Admission admission = admission(TestAdmissionSettings.defaults().withMaxInFlight(1));
    permit(admission);
    List<Duration> pushbacks = new ArrayList<>();
    for (int at = 0; at < 2_000; at++) {
      pushbacks.add(Objects.requireNonNull(refusal(admit(admission)).retryAfter()));
    }
    assertThat(pushbacks)
        .allSatisfy(
            pushback -> assertThat(pushback).isBetween(Duration.ofMillis(1), Duration.ofSeconds(2)))
        .anyMatch(pushback -> pushback.toMillis() < 50)
        .anyMatch(pushback -> pushback.toMillis() > 1_950);
  }

  @Test
  void tells_too_frequent_callers_to_wait_for_the_next_permit() {
    Admission admission = admission(TestAdmissionSettings.defaults().withPerCredential(1, 1));
    assertThat(admission.admit(ONE, LONG)).isInstanceOf(Admitted.Permit.class);
    assertThat(refusal(admission.admit(ONE, LONG)).retryAfter())
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3));
  }

  /** All the ways that a permit can go, on many threads at once. */
  @Test
  void loses_no_permit_whatever_threads_do() {
    Admission admission = admission(TestAdmissionSettings.defaults().withMaxInFlight(50));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < 20_000; at++) {
        int way = at % 3;
        CredentialDigest credential = CredentialDigest.of("credential " + at % 100);
        threads.execute(() -> go(admission, credential, way));
      }
    }
    assertThat(admission.status().inFlight()).isZero();
    assertThat(admission.status().waiting()).isZero();
  }

  private static void go(Admission admission, CredentialDigest credential, int way) {
    if (admission.admit(credential, LONG) instanceof Admitted.Permit permit) {
      if (way > 0) {
        permit.begin(LONG);
      }
      permit.close();
      if (way > 1) {
        permit.close();
      }
    }
  }

  private Admission admission(AdmissionSettings settings) {
    return new Admission(settings, 2, new TestClocks(clock, clock::nanoTime, () -> random));
  }

  private Admitted admit(Admission admission) {
    return admission.admit(CredentialDigest.of("credential " + credentials++), LONG);
  }

  private Admitted.Permit permit(Admission admission) {
    return (Admitted.Permit) admit(admission);
  }

  /** A permit that has waited in an overloaded broker for longer than it may. */
  private Admitted.Permit late(Admission admission) {
    TestOverload overload = TestOverload.of(admission, clock);
    Admitted.Permit late = overload.admit(ONE);
    overload.goOn(LATE);
    return late;
  }

  private static String figures(Admission admission) {
    AdmissionStatus status = admission.status();
    return status.waiting() + " waiting, " + status.inFlight() + " in flight";
  }

  private static RefusalReason never() {
    throw new AssertionError("nothing is to be done");
  }

  private static Refusal refusal(Admitted answer) {
    return ((Admitted.NotAdmitted) answer).refusal();
  }
}
