package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.StateLog;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Logs whether fetching one issuer's keys works: one line for each change, however many fetches and
 * callers there are.
 */
final class KeyNews {

  private static final Logger LOG = Logger.getLogger(KeyNews.class);

  private enum NewsState {
    /** The keys held are still fresh. */
    FAILING,
    /** Stale keys are served. */
    STALE,
    /** There are no keys that may be served. */
    WITHOUT_KEYS
  }

  private final String issuer;
  private final Duration maxStale;
  private final StateLog fetching = new StateLog(KeyNews.class);

  KeyNews(String issuer, Duration maxStale) {
    this.issuer = issuer;
    this.maxStale = maxStale;
  }

  /** Logs the end of a fetch if it changes the state; the keys are those held meanwhile. */
  void tell(KeyFetch result, KeyFetch.@Nullable FetchedKeys held, long nowNanos) {
    switch (result) {
      case KeyFetch.FetchedKeys _ ->
          fetching.ends(issuer, () -> "keys of issuer " + issuer + " are fetched again");
      case KeyFetch.FetchFailed failed -> {
        NewsState state = state(held, nowNanos);
        fetching.begins(
            issuer,
            state,
            () ->
                "keys of issuer %s cannot be fetched; %s; %s"
                    .formatted(issuer, consequence(state, held), reason(failed)));
      }
    }
  }

  /** Logs a change of the key set; null for none. */
  void tell(@Nullable KeyChange change) {
    if (change == null) {
      return;
    }
    LOG.infof(
        "the key set of issuer %s has changed: kids added %d, withdrawn %d,"
            + " with another key under the same kid %d",
        issuer, change.added(), change.withdrawn(), change.replaced());
  }

  private NewsState state(KeyFetch.@Nullable FetchedKeys held, long nowNanos) {
    if (held == null || !held.isServable(nowNanos, maxStale)) {
      return NewsState.WITHOUT_KEYS;
    }
    return held.isFresh(nowNanos) ? NewsState.FAILING : NewsState.STALE;
  }

  private static String consequence(NewsState state, KeyFetch.@Nullable FetchedKeys held) {
    return switch (state) {
      case FAILING -> "those held are fresh still";
      case STALE -> "stale ones are served, fetched at " + (held == null ? "?" : held.fetchedAt());
      case WITHOUT_KEYS -> "there are none to be served, so its credentials are refused";
    };
  }

  /** Leaves out the issuer name in the document, since nothing of a body is logged. */
  private static String reason(KeyFetch.FetchFailed failed) {
    RefusalReason reason = failed.why().reason();
    return reason == RefusalReason.DISCOVERY_ISSUER_MISMATCH
        ? reason.name()
        : reason + ": " + failed.text();
  }
}
