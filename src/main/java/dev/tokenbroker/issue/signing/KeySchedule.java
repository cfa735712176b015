package dev.tokenbroker.issue.signing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Says which key signs and which keys are published at any moment: a pure function of time. {@link
 * SigningKeys} explains the promise that it keeps.
 *
 * <p>Immutable. The keys stand in order of preference; the first that is ready signs.
 */
final class KeySchedule {

  static final KeySchedule EMPTY = new KeySchedule(List.of());

  private static final Comparator<ScheduledKey> BY_READINESS =
      Comparator.comparing(ScheduledKey::signsFrom);

  private final List<ScheduledKey> entries;

  private KeySchedule(List<ScheduledKey> entries) {
    this.entries = List.copyOf(entries);
  }

  /** One key that is published and signs at once: no verifier can have fetched our keys before. */
  static KeySchedule startingWith(SigningKey key, Instant now) {
    return new KeySchedule(List.of(new ScheduledKey(key, now, now, Instant.MAX)));
  }

  /** The key to sign with; empty only if there is no key, or all have retired. */
  Optional<SigningKey> signer(Instant now) {
    return signing(now).map(ScheduledKey::key);
  }

  /** Each key that is published, with the end of its publication. */
  Map<SigningKey, Instant> published(Instant now) {
    return entries.stream()
        .filter(entry -> !entry.isOver(now))
        .collect(Collectors.toMap(ScheduledKey::key, ScheduledKey::publishedUntil));
  }

  boolean has(String kid) {
    return find(entries, kid).isPresent();
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether the key returns after it has been published for publish-before. */
  boolean canResume(SigningKey key, Instant now, KeyTiming timing) {
    Instant latest = now.minus(timing.publishBefore());
    return find(entries, key.kid())
        .filter(entry -> !entry.isOver(now) && !entry.publishedFrom().isAfter(latest))
        .isPresent();
  }

  /** Whether the preferred key signs already, so that it needs a successor. */
  boolean awaitsSuccessor(Instant now) {
    return entries.getFirst().isReady(now);
  }

  /** Whether the preferred key begins to sign later than any key that this clock would plan. */
  boolean isFar(Instant now, KeyTiming timing) {
    return entries.getFirst().signsFrom().isAfter(latest(now, timing));
  }

  /**
   * The same schedule after a wall clock that was ahead has been set right: its plans come nearer.
   * One key signs by now. The preferred key signs as soon as a new one would, a little later at
   * most. The ends of publications stay, since tokens may have been signed until then.
   */
  KeySchedule nearer(Instant now, KeyTiming timing) {
    Instant latest = latest(now, timing);
    SigningKey signer = signing(now).orElseThrow().key();
    List<ScheduledKey> next = new ArrayList<>();
    for (ScheduledKey entry : entries) {
      if (entry.key().equals(signer)) {
        next.add(entry.readyBy(now));
      } else {
        next.add(next.isEmpty() ? entry.readyBy(latest) : entry);
      }
    }
    return new KeySchedule(next);
  }

  /**
   * Adds the key that follows the preferred one at the end of its rotation period. An end of
   * publication set while the clock was ahead stays, since tokens may have been signed until then.
   */
  KeySchedule followedBy(SigningKey successor, Instant now, KeyTiming timing) {
    Instant rotation = entries.getFirst().signsFrom().plus(timing.rotationPeriod());
    Instant earliest = now.plus(timing.publishBefore());
    Instant signsFrom = rotation.isAfter(earliest) ? rotation : earliest;
    List<ScheduledKey> next = new ArrayList<>();
    next.add(new ScheduledKey(successor, now, signsFrom, Instant.MAX));
    for (ScheduledKey entry : entries) {
      next.add(entry.until(signsFrom.plus(timing.retention())));
    }
    return new KeySchedule(next);
  }

  /**
   * Adopts a list of keys, at least one and none twice, as found now. Keys that are no longer
   * listed retire. But a signer that no listed key can follow yet signs on until one can.
   */
  KeySchedule listing(List<SigningKey> listed, Instant now, KeyTiming timing) {
    List<ScheduledKey> next = new ArrayList<>();
    for (SigningKey key : listed) {
      // A key that returns has been published all the time, so it need not wait again.
      ScheduledKey entry =
          find(entries, key.kid())
              .filter(known -> !known.isOver(now))
              .orElseGet(() -> new ScheduledKey(key, now, Instant.MAX, Instant.MAX));
      next.add(entry.readyBy(entry.publishedFrom().plus(timing.publishBefore())).unending());
    }
    Optional<ScheduledKey> signer = signing(now);
    if (signer.isEmpty() && next.stream().noneMatch(entry -> entry.isReady(now))) {
      next.add(next.removeLast().readyBy(now));
    }
    // A key that left before may still sign, since this change delays its successor.
    Instant end = lastSignatureOfUnlisted(next, now, timing).plus(timing.retention());
    if (signer.isPresent()
        && next.stream().noneMatch(entry -> entry.isReady(now))
        && find(next, signer.get().key().kid()).isEmpty()) {
      next.add(signer.get().untilAtLeast(end));
    }
    for (ScheduledKey entry : entries) {
      if (find(next, entry.key().kid()).isEmpty()) {
        next.add(entry.isOver(now) ? entry : entry.retired().untilAtLeast(end));
      }
    }
    return new KeySchedule(next);
  }

  /** The same keys, which sign no more here, since no key is listed. Other replicas may be late. */
  KeySchedule listingNone(Instant now, KeyTiming timing) {
    Instant end = lastSignatureAnywhere(now, timing).plus(timing.retention());
    return new KeySchedule(
        entries.stream()
            .map(entry -> entry.isOver(now) ? entry : entry.retired().untilAtLeast(end))
            .toList());
  }

  /**
   * Adds keys that were published and are no longer listed. They never signed here, but other
   * replicas may sign with them.
   */
  KeySchedule leaving(List<SigningKey> keys, Instant now, KeyTiming timing) {
    Instant end = lastSignatureAnywhere(now, timing).plus(timing.retention());
    List<ScheduledKey> next = new ArrayList<>(entries);
    keys.stream()
        .filter(key -> !has(key.kid()))
        .forEach(key -> next.add(new ScheduledKey(key, now, Instant.MAX, end)));
    return new KeySchedule(next);
  }

  /** When an unlisted key has signed for the last time, on any replica. */
  private static Instant lastSignatureOfUnlisted(
      List<ScheduledKey> listed, Instant now, KeyTiming timing) {
    Instant here = listed.stream().min(BY_READINESS).orElseThrow().signsFrom();
    Instant anywhere = lastSignatureAnywhere(now, timing);
    return here.isAfter(anywhere) ? here : anywhere;
  }

  /** Another replica may have started just now, so that each listed key is new to it. */
  private static Instant lastSignatureAnywhere(Instant now, KeyTiming timing) {
    return now.plus(timing.replicaLag()).plus(timing.publishBefore());
  }

  /** The keys whose publication is over. */
  List<SigningKey> over(Instant now) {
    return entries.stream().filter(entry -> entry.isOver(now)).map(ScheduledKey::key).toList();
  }

  /** The same schedule without those keys. */
  KeySchedule without(Predicate<SigningKey> forgotten) {
    return entries.stream().map(ScheduledKey::key).noneMatch(forgotten)
        ? this
        : new KeySchedule(entries.stream().filter(entry -> !forgotten.test(entry.key())).toList());
  }

  private static Instant latest(Instant now, KeyTiming timing) {
    return now.plus(timing.rotationPeriod()).plus(timing.publishBefore());
  }

  private Optional<ScheduledKey> signing(Instant now) {
    // No key is ready only if the clock was set back past the start: then the oldest goes on.
    return entries.stream()
        .filter(entry -> entry.isReady(now) && !entry.isOver(now))
        .findFirst()
        .or(
            () ->
                entries.stream()
                    .filter(entry -> !entry.isRetired() && !entry.isOver(now))
                    .min(BY_READINESS));
  }

  private static Optional<ScheduledKey> find(List<ScheduledKey> entries, String kid) {
    return entries.stream().filter(entry -> entry.key().kid().equals(kid)).findFirst();
  }

  /**
   * A key with the times of its publication and of its signatures.
   *
   * @param publishedFrom since when each response contains it
   * @param signsFrom when it may begin to sign; {@link Instant#MAX} for a retired key
   * @param publishedUntil when its publication ends; {@link Instant#MAX} while nothing ends it
   */
  record ScheduledKey(
      SigningKey key, Instant publishedFrom, Instant signsFrom, Instant publishedUntil) {

    boolean isReady(Instant now) {
      return !signsFrom.isAfter(now);
    }

    boolean isOver(Instant now) {
      return !publishedUntil.isAfter(now);
    }

    /** The same key, published until then; an end that is already set stays. */
    ScheduledKey until(Instant end) {
      return publishedUntil.equals(Instant.MAX)
          ? new ScheduledKey(key, publishedFrom, signsFrom, end)
          : this;
    }

    /** The same key, published until then, or until a later end that is already set. */
    ScheduledKey untilAtLeast(Instant end) {
      return publishedUntil.equals(Instant.MAX) || publishedUntil.isBefore(end)
          ? new ScheduledKey(key, publishedFrom, signsFrom, end)
          : this;
    }

    /** The same key, which may sign from that moment or its own, whichever comes first. */
    ScheduledKey readyBy(Instant moment) {
      return moment.isBefore(signsFrom)
          ? new ScheduledKey(key, publishedFrom, moment, publishedUntil)
          : this;
    }

    /** The same key without an end of its publication. */
    ScheduledKey unending() {
      return new ScheduledKey(key, publishedFrom, signsFrom, Instant.MAX);
    }

    boolean isRetired() {
      return signsFrom.equals(Instant.MAX);
    }

    /** The same key, which never signs again. */
    ScheduledKey retired() {
      return new ScheduledKey(key, publishedFrom, Instant.MAX, publishedUntil);
    }
  }
}
