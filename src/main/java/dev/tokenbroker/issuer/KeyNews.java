package dev.tokenbroker.issuer;

import dev.tokenbroker.outcome.RefusalReason;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Logs whether fetching one issuer's keys works: one line for each change, however many fetches and
 * callers there are. For one thread at a time.
 */
final class KeyNews {

  private static final Logger LOG = Logger.getLogger(KeyNews.class);

  private enum State {
    GOOD,
    /** Fetching fails, and the keys held are still fresh. */
    FAILING,
    /** Fetching fails, and stale keys are served. */
    STALE,
    /** Fetching fails, and there are no keys that may be served. */
    WITHOUT_KEYS
  }

  private final String issuer;
  private final Duration maxStale;
  private State state = State.GOOD;

  KeyNews(String issuer, Duration maxStale) {
    this.issuer = issuer;
    this.maxStale = maxStale;
  }

  /** Logs the end of a fetch if it changes the state; the keys are those held meanwhile. */
  void tell(KeyFetch result, KeyFetch.@Nullable Keys held, long nowNanos) {
    State before = state;
    state = result instanceof KeyFetch.Keys ? State.GOOD : failing(held, nowNanos);
    if (state == before) {
      return;
    }
    switch (result) {
      case KeyFetch.Keys _ -> LOG.infof("keys of issuer %s are fetched again", issuer);
      case KeyFetch.Failed failed ->
          LOG.warnf(
              "keys of issuer %s cannot be fetched; %s; %s",
              issuer, consequence(held), reason(failed));
    }
  }

  private State failing(KeyFetch.@Nullable Keys held, long nowNanos) {
    if (held == null || !held.isServable(nowNanos, maxStale)) {
      return State.WITHOUT_KEYS;
    }
    return held.isFresh(nowNanos) ? State.FAILING : State.STALE;
  }

  private String consequence(KeyFetch.@Nullable Keys held) {
    return switch (state) {
      case GOOD, FAILING -> "those held are fresh still";
      case STALE -> "stale ones are served, fetched at " + (held == null ? "?" : held.fetchedAt());
      case WITHOUT_KEYS -> "there are none to be served, so its credentials are refused";
    };
  }

  /** Leaves out the issuer name in the document, since nothing of a body is logged. */
  private static String reason(KeyFetch.Failed failed) {
    RefusalReason reason = failed.why().reason();
    return reason == RefusalReason.DISCOVERY_ISSUER_MISMATCH
        ? reason.name()
        : reason + ": " + failed.text();
  }
}
