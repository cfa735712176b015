package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.evaluate.revocation.RevokedTokens.Revoked;
import dev.tokenbroker.peers.store.LogEntry;
import dev.tokenbroker.peers.store.LogKind;
import dev.tokenbroker.peers.store.SharedStore;
import dev.tokenbroker.peers.store.StoreLog;
import dev.tokenbroker.peers.store.StoreLog.LogListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * The log in which replicas tell each other which tokens they have revoked. What it hears goes into
 * the tokens of this replica, also beyond {@code max-tokens}: a revoked token that was left out
 * would be active here. Each replica revokes only while it has room, so the log is bounded.
 */
final class RevocationLog implements LogListener {

  private static final Logger LOG = Logger.getLogger(RevocationLog.class);

  private final RevokedTokens tokens;
  private final int most;
  private final StoreLog log;

  /** Whether the log of the process says that there is no room. Only the store's thread uses it. */
  private boolean told;

  /** Begins to hear what other replicas have revoked. */
  RevocationLog(SharedStore store, RevokedTokens tokens, int most) {
    this.tokens = tokens;
    this.most = most;
    this.log = store.listen(LogKind.REVOCATIONS, this);
  }

  /** Whether other replicas hear it, once the store has it. */
  boolean shared() {
    return log.shared();
  }

  /** Tells all replicas of a revoked token; returns whether the store has it. */
  boolean announce(Revoked revoked) {
    return log.announce(entry(revoked));
  }

  /** See {@link StoreLog#silence}. */
  Duration silence() {
    return log.silence();
  }

  @Override
  public void heard(LogEntry entry) {
    String id = new String(entry.content(), StandardCharsets.ISO_8859_1);
    if (!Revoked.isId(id)) {
      LOG.warn(
          "Another replica has revoked a token in a form that this one cannot read; use the same"
              + " release at all replicas");
      return;
    }
    tokens.forgetExpired();
    tokens.restore(new Revoked(id, entry.written()));
    boolean full = tokens.size() > most;
    if (full && !told) {
      LOG.warn(
          "The replicas have revoked more tokens than token-broker.revocation.max-tokens; this one"
              + " keeps them all, and revokes no further token until some expire");
    }
    told = full;
  }

  @Override
  public List<LogEntry> known() {
    tokens.forgetExpired();
    return tokens.all().stream().map(RevocationLog::entry).toList();
  }

  /**
   * The time of the entry is the end of the revocation, so that all replicas announce the same
   * entry for the same token.
   */
  private static LogEntry entry(Revoked revoked) {
    return new LogEntry(revoked.keptUntil(), revoked.id().getBytes(StandardCharsets.ISO_8859_1));
  }
}
