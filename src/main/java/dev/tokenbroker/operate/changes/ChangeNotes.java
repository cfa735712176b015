package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.target.Supply;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Adds to a refused verdict what changed before it, as notes, which only operators see. An edge
 * does that when an operator reads the verdict, so that an exchange costs nothing more, and a
 * change that was noticed or joined later is named too.
 *
 * <p>If refusals of the verdict's reason were joined to changes within ten minutes before it, the
 * notes name the last {@value #MAX_JOINED}. Otherwise one note names the last change within five
 * minutes before it that can cause this reason, and says that it proves nothing.
 */
@Singleton
public final class ChangeNotes {

  static final int MAX_JOINED = 3;

  private static final Duration JOINED_FOR = Duration.ofMinutes(10);
  private static final Duration NAMED_FOR = Duration.ofMinutes(5);

  private final ChangeLog changes;
  private final Causes causes;
  private final Function<String, Optional<String>> upstream;

  @Inject
  ChangeNotes(ChangeLog changes, Causes causes, Federations federations) {
    this(changes, causes, audience -> upstream(federations, audience));
  }

  /**
   * @param upstream finds the upstream of a target by its audience
   */
  ChangeNotes(ChangeLog changes, Causes causes, Function<String, Optional<String>> upstream) {
    this.changes = changes;
    this.causes = causes;
    this.upstream = upstream;
  }

  static Optional<String> upstream(Federations federations, String audience) {
    return federations.current().stream()
        .flatMap(federation -> federation.policy().targets().stream())
        .filter(target -> target.audience().equals(audience))
        .flatMap(target -> target.supply().fromUpstream().stream())
        .map(Supply.Upstreamed::upstream)
        .findFirst();
  }

  /** The verdict with notes about changes; unchanged if it was accepted or nothing changed. */
  public Verdict added(Verdict verdict) {
    RefusalReason reason = verdict.reason();
    if (reason == null || verdict.isShed()) {
      return verdict;
    }
    RefusalEvidence refused =
        RefusalEvidence.of(reason, verdict, upstream.apply(verdict.target()).orElse(null));
    Instant time = verdict.evaluationTime();
    List<ChangeEvent> before =
        changes.events().reversed().stream()
            .filter(event -> causes.explains(event, refused))
            .filter(event -> isBefore(event, time, JOINED_FOR))
            .toList();
    List<ChangeEvent> roots = before.stream().filter(event -> !Causes.isEffect(event)).toList();
    List<ChangeEvent> named = roots.isEmpty() ? before : roots;
    List<String> joined =
        named.stream()
            .filter(_ -> refused.proved())
            .flatMap(event -> joined(event, refused).stream())
            .limit(MAX_JOINED)
            .toList();
    return verdict.withNotes(joined.isEmpty() ? last(named, time) : joined);
  }

  /** Whether the change may have happened before that time, but not longer before it. */
  private static boolean isBefore(ChangeEvent event, Instant time, Duration most) {
    return !time.isBefore(event.time().minus(event.lookBack()))
        && !time.isAfter(event.time().plus(most));
  }

  private static Optional<String> joined(ChangeEvent event, RefusalEvidence refused) {
    return event.joined().stream()
        .filter(risen -> risen.isOf(refused))
        .findFirst()
        .map(risen -> "Refusals rose after a change: " + risen.text(event) + place(event));
  }

  private static List<String> last(List<ChangeEvent> before, Instant time) {
    return before.stream()
        .filter(event -> isBefore(event, time, NAMED_FOR))
        .findFirst()
        .map(
            event ->
                "The last change that can have this effect, which proves nothing: "
                    + event.text()
                    + place(event))
        .stream()
        .toList();
  }

  private static String place(ChangeEvent event) {
    return ", noticed at %s (GET /changes, event %d)"
        .formatted(event.time().truncatedTo(ChronoUnit.SECONDS), event.id());
  }
}
