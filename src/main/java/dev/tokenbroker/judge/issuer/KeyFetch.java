package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of one attempt to fetch an issuer's keys. */
sealed interface KeyFetch {

  /**
   * A fetched key set.
   *
   * @param askedNanos when the key set was requested, on the monotonic clock
   * @param age how long a cache on the way had held it then
   * @param date the {@code Date} of the response; null where absent
   * @param fetchedAt when it arrived
   * @param digest SHA-256 of its document, in hexadecimal
   * @param ttl for how long it is fresh, from {@code askedNanos} on
   */
  record FetchedKeys(
      KeyRing keys,
      String digest,
      long askedNanos,
      Duration age,
      @Nullable Instant date,
      Instant fetchedAt,
      Duration ttl)
      implements KeyFetch {

    /** Whether the issuer itself published this set at that time or later. */
    boolean isAnswerTo(long questionNanos) {
      return questionNanos - askedNanos <= -age.toNanos();
    }

    boolean isFresh(long nowNanos) {
      return nowNanos - askedNanos < ttl.toNanos();
    }

    boolean isServable(long nowNanos, Duration maxStale) {
      return nowNanos - askedNanos < ttl.plus(maxStale).toNanos();
    }

    /** A cache on the way may have held the key set, so the issuer published it earlier. */
    static Duration sinceLook(@Nullable FetchedKeys before, long nowNanos) {
      return before == null
          ? Duration.ZERO
          : Duration.ofNanos(nowNanos - before.askedNanos()).plus(before.age());
    }

    KeySetStatus.Freshness freshness(long nowNanos, Duration maxStale) {
      if (isFresh(nowNanos)) {
        return KeySetStatus.Freshness.FRESH;
      }
      return isServable(nowNanos, maxStale)
          ? KeySetStatus.Freshness.STALE
          : KeySetStatus.Freshness.EXPIRED;
    }

    List<VerificationKey> candidates(@Nullable String kid) {
      return keys.candidates(kid);
    }

    boolean publishes(String kid) {
      return keys.publishes(kid);
    }
  }

  /**
   * No key set.
   *
   * @param why the refusal of callers while no older keys are held
   * @param text the same in a sentence without bodies
   * @param at when; null where the broker itself failed
   */
  record FetchFailed(Refusal why, String text, @Nullable Instant at) implements KeyFetch {

    static FetchFailed of(Refusal why, @Nullable Instant at) {
      return new FetchFailed(why, why.expected() + ": " + why.seen(), at);
    }

    /** The text, with its time before it: the text may be cut off. */
    String dated() {
      return at == null ? text : "at " + at.truncatedTo(ChronoUnit.SECONDS) + ", " + text;
    }
  }
}
