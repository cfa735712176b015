package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.time.Clocks;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * Those of the keys in files that belong to one chain. While the files list none of them, the chain
 * stays as it was.
 */
final class ListedKeys implements KeySupply {

  private final KeyFiles files;
  private final UnaryOperator<List<SigningKey>> choice;
  private final BooleanSupplier mayBegin;
  private final KeyTiming timing;
  private final Clocks clock;
  private final ReplicaKeys replicas;
  private List<SigningKey> chosen = List.of();
  private long chosenAt;

  /** The chosen keys, until all replicas publish them; none once they are in the schedule. */
  private volatile List<SigningKey> waiting = List.of();

  /**
   * @param choice those of the listed keys that belong to the chain
   * @param mayBegin whether the first key may sign before it has been published for publish-before
   */
  ListedKeys(
      KeyFiles files,
      UnaryOperator<List<SigningKey>> choice,
      BooleanSupplier mayBegin,
      KeyTiming timing,
      Clocks clock,
      ReplicaKeys replicas) {
    this.files = files;
    this.choice = choice;
    this.mayBegin = mayBegin;
    this.timing = timing;
    this.clock = clock;
    this.replicas = replicas;
  }

  @Override
  public KeySchedule renew(KeySchedule schedule) {
    List<SigningKey> listed = choice.apply(files.listed());
    if (!listed.isEmpty() && !listed.equals(chosen)) {
      chosen = listed;
      chosenAt = clock.nanoTime();
      waiting = listed;
    }
    return adopted(schedule);
  }

  /**
   * The schedule with the listed keys, once all replicas publish them. At a start those that are
   * published so far are enough. A replica that never reached the store does not wait.
   */
  private KeySchedule adopted(KeySchedule schedule) {
    List<SigningKey> listed = waiting;
    if (listed.isEmpty()
        || (schedule.isEmpty() && !mayBegin.getAsBoolean() && !isPublishedForLong())) {
      return schedule;
    }
    List<SigningKey> ready =
        listed.stream()
            .filter(key -> !replicas.isKnown() || isServed(key.kid(), schedule))
            .toList();
    if (ready.size() == listed.size()) {
      return schedule.listing(listed, clock.instant(), timing);
    }
    return schedule.isEmpty() && !ready.isEmpty()
        ? schedule.listing(ready, clock.instant(), timing)
        : schedule;
  }

  private boolean isPublishedForLong() {
    return clock.nanoTime() - chosenAt >= timing.publishBefore().toNanos();
  }

  @Override
  public void settle(KeySchedule schedule) {
    if (waiting.stream().allMatch(key -> schedule.has(key.kid()))) {
      waiting = List.of();
    }
  }

  @Override
  public void restart() {
    chosen = List.of();
    waiting = List.of();
  }

  private boolean isServed(String kid, KeySchedule schedule) {
    return schedule.has(kid) || replicas.isServedByOthers(kid);
  }

  @Override
  public List<SigningKey> waiting() {
    return waiting;
  }
}
