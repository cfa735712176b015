package dev.tokenbroker.issuer;

import dev.tokenbroker.outcome.RefusalReason;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells the operator how it goes with fetching one issuer's keys: one line for each change, however
 * many fetches and callers there are. For one thread at a time.
 */
final class KeyNews {

  private static final Logger LOG = Logger.getLogger(KeyNews.class);

  private enum State {
    GOOD,
    /** Fetching fails, and what is held is fresh still. */
    FAILING,
    /** Fetching fails, and what is held is served past its time. */
    STALE,
    /** Fetching fails, and nothing is held that may be served. */
    WITHOUT_KEYS
  }

  private final String issuer;
  private final Duration maxStale;
  private State state = State.GOOD;

  KeyNews(String issuer, Duration maxStale) {
    this.issuer = issuer;
    this.maxStale = maxStale;
  }

  /** A fetch has ended, while those keys were held. */
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

  /** What a document calls its issuer is left out: nothing of a body is logged. */
  private static String reason(KeyFetch.Failed failed) {
    RefusalReason reason = failed.why().reason();
    return reason == RefusalReason.DISCOVERY_ISSUER_MISMATCH
        ? reason.name()
        : reason + ": " + failed.text();
  }
}
