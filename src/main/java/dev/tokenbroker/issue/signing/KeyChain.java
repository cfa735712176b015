package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.time.Clocks;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys that follow each other as signers: those of one algorithm, or those for targets that
 * name none. {@link SigningKeys} explains the rules, which are the same for each chain.
 *
 * <p>Reading is safe for use by several threads; one thread at a time changes it.
 */
final class KeyChain {

  private final KeySupply supply;
  private final Clocks clock;
  private final Duration retention;
  private volatile KeySchedule schedule = KeySchedule.EMPTY;

  /** Since when the publication of keys has been over, in nanoseconds. */
  private final Map<SigningKey, Long> overSince = new HashMap<>();

  private @Nullable String signing; // the kid at the last round

  KeyChain(KeySupply supply, KeySupply.Publication publication) {
    this.supply = supply;
    this.clock = publication.clock();
    this.retention = publication.timing().retention();
  }

  Optional<SigningKey> signer(Instant now) {
    return schedule.signer(now);
  }

  /** The published keys and the ends of their publication; {@link Instant#MAX} for unknown ones. */
  Map<SigningKey, Instant> published(Instant now) {
    // A key comes into the schedule before it ceases to wait, so those that wait are read first.
    Map<SigningKey, Instant> ends = new HashMap<>();
    supply.waiting().forEach(key -> ends.put(key, Instant.MAX));
    ends.putAll(schedule.published(now));
    return ends;
  }

  /** Finds new keys and forgets old ones. */
  void keepUp() {
    schedule = withoutForgotten(supply.renew(schedule));
    supply.settle(schedule);
  }

  /** Begins anew, as at a start. Only while no verifier has fetched a key. */
  void restart() {
    supply.restart();
    signing = null; // nothing was signed, so the next signer is no rotation
    schedule = supply.renew(KeySchedule.EMPTY);
    supply.settle(schedule);
  }

  /** Time decides which key signs, so a rotation is noticed at the next round. */
  void compareSigner(Consumer<Change> changes) {
    String before = signing;
    schedule.signer(clock.instant()).map(SigningKey::kid).ifPresent(kid -> signing = kid);
    if (before != null && !before.equals(signing)) {
      changes.accept(
          new Change(
              ChangeKind.SIGNING_KEY_ROTATED,
              SubjectKind.SIGNING_KEYS,
              "",
              "kid " + before,
              "kid " + signing));
    }
  }

  private KeySchedule withoutForgotten(KeySchedule renewed) {
    long now = clock.nanoTime();
    List<SigningKey> over = renewed.over(clock.instant());
    overSince.keySet().retainAll(over);
    over.forEach(key -> overSince.putIfAbsent(key, now));
    return renewed.without(key -> now - overSince.getOrDefault(key, now) >= retention.toNanos());
  }
}
