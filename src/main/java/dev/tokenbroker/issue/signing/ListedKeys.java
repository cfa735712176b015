package dev.tokenbroker.issue.signing;

import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Those of the keys in files that belong to one chain. When the files list none of them any more,
 * the keys of the chain retire.
 */
final class ListedKeys implements KeySupply {

  private final KeyFiles files;
  private final Choice choice;
  private final Predicate<SigningKey> mayBegin;
  private final KeySupply.Publication publication;
  private List<SigningKey> chosen = List.of();

  /** The chosen keys, until all replicas publish them; none once they are in the schedule. */
  private List<SigningKey> pending = List.of();

  /** The same, with those that have just left the files, until they are in the schedule. */
  private volatile List<SigningKey> waiting = List.of();

  /** Which of the listed keys belong to a chain. */
  @FunctionalInterface
  interface Choice {

    /**
     * Those of the listed keys that belong to the chain.
     *
     * @param signs whether a key of the chain signs now
     */
    List<SigningKey> of(List<SigningKey> listed, boolean signs);
  }

  /**
   * @param choice those of the listed keys that belong to the chain
   * @param mayBegin whether that key may sign now while no other key of the chain signs
   */
  ListedKeys(
      KeyFiles files,
      Choice choice,
      Predicate<SigningKey> mayBegin,
      KeySupply.Publication publication) {
    this.files = files;
    this.choice = choice;
    this.mayBegin = mayBegin;
    this.publication = publication;
  }

  @Override
  public KeySchedule renew(KeySchedule schedule) {
    Instant now = publication.clock().instant();
    List<SigningKey> listed = choice.of(files.listed(), schedule.signer(now).isPresent());
    if (listed.equals(chosen)) {
      return adopted(schedule);
    }
    List<SigningKey> left = pending.stream().filter(key -> !isAmong(listed, key)).toList();
    chosen = listed;
    pending = listed;
    waiting = Stream.concat(listed.stream(), left.stream()).toList();
    KeySchedule known = schedule.leaving(left, now, publication.timing());
    return listed.isEmpty() ? known.listingNone(now, publication.timing()) : adopted(known);
  }

  private static boolean isAmong(List<SigningKey> keys, SigningKey key) {
    return keys.stream().anyMatch(each -> each.kid().equals(key.kid()));
  }

  /**
   * The schedule with the listed keys, once all replicas publish them. While none signs, those that
   * may begin now are enough. A replica that never reached the store does not wait.
   */
  private KeySchedule adopted(KeySchedule schedule) {
    List<SigningKey> listed = pending;
    Instant now = publication.clock().instant();
    boolean signs = schedule.signer(now).isPresent();
    List<SigningKey> ready =
        listed.stream()
            .filter(key -> !publication.replicas().isKnown() || isServed(key.kid(), schedule))
            .filter(key -> signs || mayBegin(key, schedule, now))
            .toList();
    return !ready.isEmpty() && (!signs || ready.size() == listed.size())
        ? schedule.listing(ready, now, publication.timing())
        : schedule;
  }

  private boolean mayBegin(SigningKey key, KeySchedule schedule, Instant now) {
    return mayBegin.test(key) || schedule.canResume(key, now, publication.timing());
  }

  @Override
  public void settle(KeySchedule schedule) {
    if (pending.stream().allMatch(key -> schedule.has(key.kid()))) {
      pending = List.of();
    }
    waiting = pending;
  }

  @Override
  public void restart() {
    chosen = List.of();
    pending = List.of();
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
