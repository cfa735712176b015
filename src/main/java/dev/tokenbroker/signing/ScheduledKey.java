package dev.tokenbroker.signing;

import java.time.Instant;

/**
 * A key and when it does what.
 *
 * @param publishedFrom since when each answer holds it
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

  /** The same, published until then; an end that is set already stays. */
  ScheduledKey until(Instant end) {
    return publishedUntil.equals(Instant.MAX)
        ? new ScheduledKey(key, publishedFrom, signsFrom, end)
        : this;
  }

  /** The same, published until then, or until an end that is set already and is later. */
  ScheduledKey untilAtLeast(Instant end) {
    return publishedUntil.equals(Instant.MAX) || publishedUntil.isBefore(end)
        ? new ScheduledKey(key, publishedFrom, signsFrom, end)
        : this;
  }

  /** The same, signing from that moment or from the one it had, whichever comes first. */
  ScheduledKey readyBy(Instant moment) {
    return moment.isBefore(signsFrom)
        ? new ScheduledKey(key, publishedFrom, moment, publishedUntil)
        : this;
  }

  /** The same with nothing to end its publication. */
  ScheduledKey unending() {
    return new ScheduledKey(key, publishedFrom, signsFrom, Instant.MAX);
  }

  /** The same, never to sign again. */
  ScheduledKey retired() {
    return new ScheduledKey(key, publishedFrom, Instant.MAX, publishedUntil);
  }
}
