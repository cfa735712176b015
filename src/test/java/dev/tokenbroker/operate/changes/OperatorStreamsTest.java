package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.revocation.OperatorAccess.CallingOperator;
import dev.tokenbroker.evaluate.revocation.PresentedCaller;
import dev.tokenbroker.evaluate.revocation.TestAccess;
import dev.tokenbroker.evaluate.revocation.TestRevocations;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.operate.changes.ChangeWatch.WatchedChange;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How many streams operators have, and how long, by tokens of a real broker. */
class OperatorStreamsTest {

  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));
  private static final Duration LIFE = Duration.ofMinutes(10);

  private final TestClock clock = new TestClock();
  private final TestTokens tokens = new TestTokens(clock);
  private final ChangeLog log = new ChangeLog(Optional::empty, clock, _ -> Optional.empty());
  private final Timeline timeline =
      new Timeline(TestAccess.operators(tokens.brokerTokens()), log, tokens.revocations(), clock);

  @Test
  void of_eight_revoked_operators_end_and_make_room_for_a_ninth() throws Exception {
    List<String> eight = IntStream.range(0, 8).mapToObj(at -> token("operator-" + at)).toList();
    String ninth = token("ninth");
    List<ChangeWatch> watches = new ArrayList<>();
    for (String operator : eight) {
      for (int at = 0; at < 8; at++) {
        ChangeWatch watch = new ChangeWatch();
        Outcomes.accepted(follow(operator, watch));
        watches.add(watch);
      }
    }
    assertThat(Outcomes.reason(follow(ninth, new ChangeWatch())))
        .isEqualTo(RefusalReason.STREAMS_FULL);

    for (String operator : eight) {
      TestRevocations.revoke(tokens.revocations(), tokens.active(operator), DEADLINE);
    }

    for (ChangeWatch watch : watches) {
      assertThat(watch.isClosed()).isTrue();
      assertThat(watch.next(Duration.ZERO)).isInstanceOf(WatchedChange.WatchEnded.class);
    }
    assertThat(follow(ninth, new ChangeWatch())).isInstanceOf(Outcome.Accepted.class);
  }

  @Test
  void a_subject_has_eight_whatever_its_tokens_until_one_ends() {
    ChangeWatch first = new ChangeWatch();
    Outcomes.accepted(follow(token("one"), first));
    for (int at = 1; at < 8; at++) {
      Outcomes.accepted(follow(token("one"), new ChangeWatch()));
    }
    assertThat(Outcomes.reason(follow(token("one"), new ChangeWatch())))
        .isEqualTo(RefusalReason.CALLER_STREAMS_FULL);
    Outcomes.accepted(follow(token("other"), new ChangeWatch()));

    first.close();

    Outcomes.accepted(follow(token("one"), new ChangeWatch()));
  }

  @Test
  void end_with_the_token() throws Exception {
    String token = token("one");
    clock.advance(LIFE.minusMillis(20));
    ChangeWatch watch = new ChangeWatch();
    Outcomes.accepted(follow(token, watch));

    assertThat(watch.next(Duration.ofMinutes(1))).isInstanceOf(WatchedChange.WatchEnded.class);
  }

  private String token(String subject) {
    return tokens.mintFor(subject, "token-broker", LIFE, "operate");
  }

  private Outcome<List<ChangeEvent>> follow(String token, ChangeWatch watch) {
    return timeline.follow(
        new CallingOperator(
            new PresentedCaller("Bearer " + token, PresentedKeys.NONE, "http", ""),
            false,
            DEADLINE),
        watch);
  }
}
