package dev.tokenbroker.issue.signing;

import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * Those of the keys in files that belong to one chain. When the files list none of them any more,
 * the keys of the chain retire.
 */
final class ListedKeys implements KeySupply {

  private final KeyFiles files;
  private final UnaryOperator<List<SigningKey>> choice;
  private final BooleanSupplier mayBegin;
  private final Publication publication;
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
      Publication publication) {
    this.files = files;
    this.choice = choice;
    this.mayBegin = mayBegin;
    this.publication = publication;
  }

  @Override
  public KeySchedule renew(KeySchedule schedule) {
    List<SigningKey> listed = choice.apply(files.listed());
    boolean changed = !listed.equals(chosen);
    if (changed) {
      chosen = listed;
      chosenAt = publication.clock().nanoTime();
      waiting = listed;
    }
    return changed && listed.isEmpty()
        ? schedule.listingNone(publication.clock().instant(), publication.timing())
        : adopted(schedule);
  }

  /**
   * The schedule with the listed keys, once all replicas publish them. At a start those that are
   * published so far are enough. A replica that never reached the store does not wait.
   */
  private KeySchedule adopted(KeySchedule schedule) {
    List<SigningKey> listed = waiting;
    Instant now = publication.clock().instant();
    if (listed.isEmpty() || (schedule.signer(now).isEmpty() && !mayBegin(schedule, now))) {
      return schedule;
    }
    List<SigningKey> ready =
        listed.stream()
            .filter(key -> !publication.replicas().isKnown() || isServed(key.kid(), schedule))
            .toList();
    return ready.size() == listed.size() || (schedule.isEmpty() && !ready.isEmpty())
        ? schedule.listing(ready, now, publication.timing())
        : schedule;
  }

  private boolean mayBegin(KeySchedule schedule, Instant now) {
    return mayBegin.getAsBoolean()
        || isPublishedForLong()
        || schedule.canResume(waiting, now, publication.timing());
  }

  private boolean isPublishedForLong() {
    return publication.clock().nanoTime() - chosenAt
        >= publication.timing().publishBefore().toNanos();
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
    return schedule.has(kid) || publication.replicas().isServedByOthers(kid);
  }

  @Override
  public List<SigningKey> waiting() {
    return waiting;
  }
}
