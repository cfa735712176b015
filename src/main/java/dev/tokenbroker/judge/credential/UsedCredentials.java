package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.outcome.Pushback;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Remembers the credentials of issuers with {@code once: true} that this process has used.
 *
 * <p>It holds at most {@code token-broker.credential.max-used} entries of about 250 bytes each. It
 * is thread-safe; each call holds a lock for a few microseconds.
 */
@Singleton
public final class UsedCredentials {

  /*
   * The idea. An entry ends when no federation document can accept the credential any more: at exp
   * plus the largest permitted leeway. The current leeway and maxTokenAge of the issuer do not
   * count. So no later revision of the document can make a used credential acceptable again.
   *
   * No entry is removed before its end. If there is no room, the new credential is refused. To
   * remove a current entry instead would help a thief: enough other credentials would push the
   * stolen one out.
   *
   * All removed entries ended at or before forgottenUpTo. An unknown credential that also ends at
   * or before this time may have been used, so it is refused. With a clock that only moves forward,
   * such a credential has expired anyway. The check matters if the clock was ahead for a while and
   * was then set back.
   *
   * Each use removes a few ended entries and adds at most one. So the cost is spread over many
   * calls.
   */

  private static final int FORGOTTEN_AT_A_TIME = 8;

  /** The longest pushback. A credential that is given back may make room before an entry ends. */
  private static final Duration MOST_PUSHBACK = Duration.ofMinutes(1);

  private final int max;
  private final InstantSource clock;
  private final Map<String, Use> uses = new HashMap<>();
  private final NavigableSet<Use> byEnd =
      new TreeSet<>(Comparator.comparing(Use::until).thenComparing(Use::id));
  private Instant forgottenUpTo = Instant.MIN;

  @Inject
  public UsedCredentials(CredentialSettings settings, InstantSource clock) {
    this(settings.maxUsed(), clock);
  }

  /**
   * @param max the most credentials to remember
   */
  public UsedCredentials(int max, InstantSource clock) {
    this.max = max;
    this.clock = clock;
  }

  /**
   * A used credential.
   *
   * @param until when the entry ends
   * @param taken when the credential was used
   */
  private record Use(String id, Instant until, Instant taken) {}

  /**
   * Marks a credential as used. If several threads take the same credential, exactly one succeeds.
   * Another one can succeed only after {@link #giveBack}.
   *
   * @return empty if the credential may be exchanged; otherwise the refusal {@code
   *     CREDENTIAL_ALREADY_USED}, {@code USED_CREDENTIALS_FULL}, or {@code CREDENTIAL_EXPIRED} if
   *     its entry may have been removed
   */
  public synchronized Optional<Refusal> take(VerifiedIdentity identity) {
    Instant now = clock.instant();
    Optional<Refusal> why = look(identity, now);
    if (why.isEmpty()) {
      Use use = new Use(idOf(identity), end(identity), now);
      uses.put(use.id(), use);
      byEnd.add(use);
    }
    return why;
  }

  /** Returns the result that {@link #take} would return, without using the credential. */
  public synchronized Optional<Refusal> look(VerifiedIdentity identity) {
    return look(identity, clock.instant());
  }

  private Optional<Refusal> look(VerifiedIdentity identity, Instant now) {
    Use use = uses.get(idOf(identity));
    if (use != null) {
      return Optional.of(
          Refusal.of(RefusalReason.CREDENTIAL_ALREADY_USED)
              .expected(demanded(identity.issuer()))
              .seen("one that was taken at " + use.taken()));
    }
    if (!end(identity).isAfter(forgottenUpTo)) {
      return Optional.of(
          Refusal.of(RefusalReason.CREDENTIAL_EXPIRED)
              .expected("an end after " + forgottenUpTo + ": used ones are forgotten up to there")
              .seen("exp " + identity.expireTime())
              .hint("The clock of this broker was ahead, and was set back."));
    }
    forgetSome(now);
    return uses.size() < max ? Optional.empty() : Optional.of(full(now));
  }

  /** Marks a credential as not used. Call this only after a successful {@link #take}. */
  public synchronized void giveBack(VerifiedIdentity identity) {
    Use use = uses.remove(idOf(identity));
    if (use != null) {
      byEnd.remove(use);
    }
  }

  /** Removes all ended entries and returns the number of the others. */
  public int remembered() {
    while (forgetSome()) {} // each pass holds the lock only briefly
    synchronized (this) {
      return uses.size();
    }
  }

  /** The most credentials that can be remembered. */
  public int limit() {
    return max;
  }

  /** Returns the requirement for a credential of that issuer, for the evidence of a step. */
  public static String demanded(TrustedIssuer issuer) {
    return "a credential that was not exchanged before, as " + issuer.name() + " has once: true";
  }

  private synchronized boolean forgetSome() {
    return forgetSome(clock.instant());
  }

  /** Removes a few ended entries. Returns whether more may have ended. */
  private boolean forgetSome(Instant now) {
    for (int at = 0; at < FORGOTTEN_AT_A_TIME; at++) {
      if (byEnd.isEmpty() || byEnd.first().until().isAfter(now)) {
        return false;
      }
      Use ended = byEnd.removeFirst();
      uses.remove(ended.id());
      forgottenUpTo = ended.until();
    }
    return true;
  }

  private Refusal full(Instant now) {
    return Refusal.of(RefusalReason.USED_CREDENTIALS_FULL)
        .expected("room for one more used credential")
        .seen(max + " that have not ended")
        .retryAfter(pushback(Duration.between(now, byEnd.first().until())));
  }

  /** At least a second, at most {@link #MOST_PUSHBACK}, and up to 4 s more. */
  static Duration pushback(Duration wait) {
    Duration bounded = wait.compareTo(MOST_PUSHBACK) < 0 ? wait : MOST_PUSHBACK;
    return Pushback.untilRoom(bounded, ThreadLocalRandom.current());
  }

  /** When no document can accept the credential any more. */
  static Instant end(VerifiedIdentity identity) {
    return identity.expireTime().plus(TrustedIssuer.MAX_LEEWAY);
  }

  /** What is the same for two presentations of one credential. */
  static String idOf(VerifiedIdentity identity) {
    return Objects.requireNonNull(identity.onceId(), "the issuer is not once-only");
  }
}
