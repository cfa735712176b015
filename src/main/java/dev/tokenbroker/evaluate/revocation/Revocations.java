package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.share.Holder;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.revocation.RevocationFile.Opening;
import dev.tokenbroker.evaluate.revocation.RevocationLines.LastEnding;
import dev.tokenbroker.evaluate.revocation.RevokedTokens.Revoked;
import dev.tokenbroker.peers.store.SharedStore;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Revokes tokens before they expire, and keeps them by their {@code jti}. This replica revokes only
 * while it keeps fewer than {@code token-broker.revocation.max-tokens}; none is forgotten early for
 * lack of room.
 *
 * <p>A revocation counts only once it is stored: on the disk, if {@code
 * token-broker.revocation.path} is set, or in the store that replicas share. Without either it is
 * in memory. Safe for use by any number of threads: a look-up never waits; a revocation waits for
 * the disk, the store and concurrent revocations.
 */
@Singleton
public final class Revocations {

  private static final Logger LOG = Logger.getLogger(Revocations.class);
  private static final String PATH = "token-broker.revocation.path";
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);

  private final int most;
  private final Duration maxSilence;
  private final RevokedTokens tokens;
  private final RevocationLog log;
  private final ReentrantLock writing = new ReentrantLock();
  private final @Nullable RevocationFile file;
  private final Opening.@Nullable UnusableFile unusable;
  private boolean failing;
  private boolean alone;

  /** Reads the file, whose revocations must be known before the first response. */
  public Revocations(RevocationSettings settings, SharedStore store, Clocks clock) {
    this.most = settings.maxTokens();
    this.maxSilence = settings.maxSilence();
    this.tokens = new RevokedTokens(ofHolders(most), clock);
    Optional<Path> path = settings.path();
    Opening opening = path.map(RevocationFile::open).orElse(null);
    if (opening
        instanceof Opening.Opened(RevocationFile opened, List<Revoked> found, LastEnding ending)) {
      Opening.UnusableFile problem = begin(opened, found, ending);
      this.file = problem == null ? opened : null;
      this.unusable = problem;
    } else {
      this.file = null;
      this.unusable = (Opening.UnusableFile) opening;
    }
    this.log = new RevocationLog(store, tokens, most);
  }

  /** The result of revoking a token of ours. */
  public enum Revocation {
    /** The token is revoked from now on. */
    REVOKED,
    /** The token was revoked before. */
    REPEATED
  }

  /** The problem that keeps the broker from starting; empty if there is none. */
  public Optional<UnfitSetting> unusable() {
    return Optional.ofNullable(unusable)
        .map(why -> new UnfitSetting(PATH, why.problem(), why.remedy()));
  }

  /** Whether the token of that {@code jti} was revoked. */
  public boolean holds(String tokenId) {
    return tokens.holds(tokenId);
  }

  /**
   * Whether this replica has heard lately what others revoked, within {@code
   * token-broker.revocation.max-silence}. If not, a token that it does not hold may be revoked all
   * the same. Always true in a broker that shares nothing.
   */
  public boolean isCurrent() {
    return log.silence().compareTo(maxSilence) <= 0;
  }

  /**
   * Revokes a token that this broker minted.
   *
   * @param tokenId its {@code jti}
   * @return the result; or the refusal {@code REVOCATIONS_FULL}, {@code REVOCATION_NOT_STORED} or
   *     {@code DEADLINE_EXCEEDED}. The token stays valid then, unless the store has taken the
   *     revocation and its answer was lost
   */
  public Outcome<Revocation> revoke(
      String tokenId, Instant issueTime, Instant expireTime, Deadline deadline) {
    return revoke(tokenId, issueTime, expireTime, null, deadline);
  }

  /**
   * Revokes a token for its holder, as {@link #revoke} does, while fewer than half of {@code
   * token-broker.revocation.max-tokens} are kept, and the holder has not its share of that half:
   * else {@code SHARE_USED_UP}. So no holder can fill the rest with tokens of its own, and callers
   * with the right can always revoke.
   */
  public Outcome<Revocation> revokeOwn(
      String tokenId, Instant issueTime, Instant expireTime, Holder holder, Deadline deadline) {
    return revoke(tokenId, issueTime, expireTime, holder, deadline);
  }

  private static int ofHolders(int most) {
    return (most + 1) / 2;
  }

  private Outcome<Revocation> revoke(
      String tokenId,
      Instant issueTime,
      Instant expireTime,
      @Nullable Holder holder,
      Deadline deadline) {
    boolean locked;
    try {
      locked = writing.tryLock(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      locked = false;
    }
    if (!locked) {
      RefusalReason reason = deadline.passed(RefusalReason.REVOCATION_NOT_STORED);
      Refusal late = Refusal.of(reason);
      return Outcome.refused(
          reason == RefusalReason.DEADLINE_EXCEEDED ? late : late.retryAfter(AFTER_FAILURE));
    }
    try {
      return add(
          new Revoked(tokenId, expireTime.plus(RevokedTokens.KEPT_PAST_END)),
          Duration.between(issueTime, expireTime),
          holder);
    } finally {
      writing.unlock();
    }
  }

  private Outcome<Revocation> add(Revoked revoked, Duration life, @Nullable Holder holder) {
    if (tokens.holds(revoked.id())) {
      return Outcome.accepted(Revocation.REPEATED);
    }
    tokens.forgetExpired();
    Optional<Refusal> usedUp = holder == null ? Optional.empty() : tokens.look(holder);
    if (usedUp.isPresent()) {
      return Outcome.refused(usedUp.get().retryAfter(tokens.untilRoom()));
    }
    if (tokens.size() >= (holder == null ? most : ofHolders(most))) {
      return Outcome.refused(
          Refusal.of(RefusalReason.REVOCATIONS_FULL).retryAfter(tokens.untilRoom()));
    }
    if (!isStored(revoked, life, holder)) {
      return Outcome.refused(
          Refusal.of(RefusalReason.REVOCATION_NOT_STORED).retryAfter(AFTER_FAILURE));
    }
    tokens.keep(revoked, life, holder);
    return Outcome.accepted(Revocation.REVOKED);
  }

  private boolean isStored(Revoked revoked, Duration life, @Nullable Holder holder) {
    if (file == null) {
      return log.announce(revoked);
    }
    if (!write(file, revoked)) {
      return log.shared() && log.announce(revoked);
    }
    tokens.keep(revoked, life, holder); // before, since what this replica keeps is announced again
    boolean everywhere = log.announce(revoked);
    if (!everywhere && !alone) { // once for each series of failures
      LOG.warn(
          "The store does not take revocations; those of this replica are in its file, and other"
              + " replicas hear of them once the store takes them");
    }
    alone = !everywhere;
    return true;
  }

  private boolean write(RevocationFile file, Revoked revoked) {
    try {
      file.add(revoked, tokens.all());
      failing = false;
      return true;
    } catch (IOException broken) {
      if (!failing) { // once for each series of failures
        LOG.error(
            "token-broker.revocation.path cannot be written, so that "
                + (log.shared()
                    ? "only the store has new revocations: "
                    : "no token can be revoked: ")
                + broken);
      }
      failing = true;
      return false;
    }
  }

  /** How many revocations are kept, without expired ones. */
  public int held() {
    tokens.forgetExpired();
    return tokens.size();
  }

  /** How many revocations this replica keeps before it revokes no more. */
  public int limit() {
    return most;
  }

  void stop(@Observes Shutdown event) {
    close();
  }

  /** Closes the file; after that no revocation can be stored in it. */
  void close() {
    writing.lock();
    try {
      if (file != null) {
        file.close();
      }
    } finally {
      writing.unlock();
    }
  }

  /** Loads the content of a file; returns the problem if the file cannot be written. */
  private Opening.@Nullable UnusableFile begin(
      RevocationFile opened, List<Revoked> found, LastEnding ending) {
    found.forEach(tokens::restore);
    try {
      opened.rewrite(tokens.all()); // shows now whether it can be written
    } catch (IOException denied) {
      opened.close();
      return RevocationFile.unwritable(denied);
    }
    warn(ending);
    return null;
  }

  private static void warn(LastEnding ending) {
    switch (ending) {
      case WHOLE -> {}
      case TORN ->
          LOG.warn(
              "token-broker.revocation.path: the last line was cut short and is left out;"
                  + " its revocation was never confirmed");
      case EMPTY ->
          LOG.warn(
              "token-broker.revocation.path: the file was empty; if it ever held revocations, those"
                  + " tokens are active again until they expire");
    }
  }
}
