package dev.tokenbroker.issue.signing;

import java.time.Instant;

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

  /** The same key, which never signs again. */
  ScheduledKey retired() {
    return new ScheduledKey(key, publishedFrom, Instant.MAX, publishedUntil);
  }
}
