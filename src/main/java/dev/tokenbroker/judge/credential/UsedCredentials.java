package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Pushback;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.share.Bounded;
import dev.tokenbroker.base.share.Holder;
import dev.tokenbroker.base.share.Shares;
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
 * Remembers the credentials of issuers with {@code once: true} that this process has used, and the
 * assertions that clients sign themselves.
 *
 * <p>It holds at most {@code token-broker.credential.max-used} entries of each kind, of about 250
 * bytes each, so that neither kind can take the room of the other. It is thread-safe; each call
 * holds a lock for a few microseconds.
 */
@Singleton
public final class UsedCredentials {

  /*
   * The idea. An entry ends when no federation document can accept the credential any more: at exp
   * plus the largest permitted leeway. The current leeway and maxTokenAge of the issuer do not
   * count. So no later revision of the document can make a used credential acceptable again. The
   * leeway of clients is no part of the document, so their assertions end at exp plus that leeway.
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

  /** Whatever {@code exp} says, an entry ends: here and in the store. */
  private static final Duration LONGEST_LIFE = Duration.ofDays(1);

  /** The longest pushback. A credential that is given back may make room before an entry ends. */
  private static final Duration MOST_PUSHBACK = Duration.ofMinutes(1);

  private final int max;
  private final InstantSource clock;
  private final Kind credentials;
  private final Kind assertions;

  @Inject
  public UsedCredentials(CredentialSettings settings, InstantSource clock) {
    this(settings.maxUsed(), clock);
  }

  /**
   * @param max the most credentials of each kind to remember
   */
  public UsedCredentials(int max, InstantSource clock) {
    this(max, max, clock);
  }

  /**
   * @param shared the room that is shared out
   */
  UsedCredentials(int max, int shared, InstantSource clock) {
    this.max = max;
    this.clock = clock;
    this.credentials = new Kind(new Shares(Bounded.USED_CREDENTIALS, shared));
    this.assertions = new Kind(new Shares(Bounded.ASSERTIONS, shared));
  }

  /**
   * A used credential.
   *
   * @param until when the entry ends
   * @param taken when the credential was used
   */
  private record Use(String id, Instant until, Instant taken, Holder holder) {}

  /** What is remembered of one kind. Guarded by this object. */
  private static final class Kind {
    final Shares shares;
    final Map<String, Use> uses = new HashMap<>();
    final NavigableSet<Use> byEnd =
        new TreeSet<>(Comparator.comparing(Use::until).thenComparing(Use::id));
    Instant forgottenUpTo = Instant.MIN;

    Kind(Shares shares) {
      this.shares = shares;
    }
  }

  private Kind kind(VerifiedIdentity identity) {
    return identity.issuer().client() ? assertions : credentials;
  }

  private static Holder holder(VerifiedIdentity identity) {
    String issuer = identity.issuer().name();
    return identity.issuer().client() ? Holder.of(issuer) : new Holder(issuer, identity.subject());
  }

  /**
   * Marks a credential as used. If several threads take the same credential, exactly one succeeds.
   * Another one can succeed only after {@link #giveBack}.
   *
   * @return empty if the credential may be exchanged; otherwise the refusal {@code
   *     CREDENTIAL_ALREADY_USED}, {@code CREDENTIAL_LIVES_TOO_LONG}, {@code SHARE_USED_UP}, {@code
   *     USED_CREDENTIALS_FULL}, or {@code CREDENTIAL_EXPIRED} if its entry may have been removed
   */
  public synchronized Optional<Refusal> take(VerifiedIdentity identity) {
    Instant now = clock.instant();
    Optional<Refusal> why = look(identity, now);
    if (why.isEmpty()) {
      Use use = new Use(idOf(identity), end(identity), now, holder(identity));
      Kind kind = kind(identity);
      kind.uses.put(use.id(), use);
      kind.byEnd.add(use);
      kind.shares.add(use.holder());
    }
    return why;
  }

  /** Returns the result that {@link #take} would return, without using the credential. */
  public synchronized Optional<Refusal> look(VerifiedIdentity identity) {
    return look(identity, clock.instant());
  }

  private Optional<Refusal> look(VerifiedIdentity identity, Instant now) {
    Kind kind = kind(identity);
    Use use = kind.uses.get(idOf(identity));
    if (use != null) {
      return Optional.of(
          Refusal.of(RefusalReason.CREDENTIAL_ALREADY_USED)
              .expected(demanded(identity.issuer()))
              .seen("one that was taken at " + use.taken()));
    }
    boolean ahead = kind.forgottenUpTo.isAfter(now);
    Instant forgottenUpTo = ahead ? kind.forgottenUpTo : now;
    if (!end(identity).isAfter(forgottenUpTo)) {
      Refusal ended =
          Refusal.of(RefusalReason.CREDENTIAL_EXPIRED)
              .expected("an end after " + forgottenUpTo + ": used ones are forgotten up to there")
              .seen("exp " + identity.expireTime());
      return Optional.of(
          ahead ? ended.hint("The clock of this broker was ahead, and was set back.") : ended);
    }
    if (identity.expireTime().isAfter(now.plus(LONGEST_LIFE))) {
      return Optional.of(
          Refusal.of(RefusalReason.CREDENTIAL_LIVES_TOO_LONG)
              .expected("exp within a day, for a credential that may be used once")
              .seen("exp " + identity.expireTime()));
    }
    forgetSome(kind, now);
    return kind.shares
        .look(holder(identity))
        .map(why -> why.retryAfter(untilRoom(kind, now)))
        .or(() -> kind.uses.size() < max ? Optional.empty() : Optional.of(full(kind, now)));
  }

  /** Marks a credential as not used. Call this only after a successful {@link #take}. */
  public synchronized void giveBack(VerifiedIdentity identity) {
    Kind kind = kind(identity);
    Use use = kind.uses.remove(idOf(identity));
    if (use != null) {
      kind.byEnd.remove(use);
      kind.shares.remove(use.holder());
    }
  }

  /** Removes all ended entries and returns the number of the others, of the kind with more. */
  public int remembered() {
    return Math.max(remembered(credentials), remembered(assertions));
  }

  private int remembered(Kind kind) {
    while (forgetSome(kind)) {} // each pass holds the lock only briefly
    synchronized (this) {
      return kind.uses.size();
    }
  }

  /** The most credentials of each kind that can be remembered. */
  public int limit() {
    return max;
  }

  /** Returns the requirement for a credential of that issuer, for the evidence of a step. */
  public static String demanded(TrustedIssuer issuer) {
    return issuer.client()
        ? "an assertion of " + issuer.name() + " that was not used before"
        : "a credential that was not exchanged before, as " + issuer.name() + " has once: true";
  }

  private synchronized boolean forgetSome(Kind kind) {
    return forgetSome(kind, clock.instant());
  }

  /** Removes a few ended entries. Returns whether more may have ended. */
  private static boolean forgetSome(Kind kind, Instant now) {
    for (int at = 0; at < FORGOTTEN_AT_A_TIME; at++) {
      if (kind.byEnd.isEmpty() || kind.byEnd.first().until().isAfter(now)) {
        return false;
      }
      Use ended = kind.byEnd.removeFirst();
      kind.uses.remove(ended.id());
      kind.shares.remove(ended.holder());
      kind.forgottenUpTo = ended.until();
    }
    return true;
  }

  private static Duration untilRoom(Kind kind, Instant now) {
    return pushback(Duration.between(now, kind.byEnd.first().until()));
  }

  private Refusal full(Kind kind, Instant now) {
    return Refusal.of(RefusalReason.USED_CREDENTIALS_FULL)
        .expected("room for one more used credential")
        .seen(max + " that have not ended")
        .retryAfter(untilRoom(kind, now));
  }

  /** At least a second, at most {@link #MOST_PUSHBACK}, and up to 4 s more. */
  static Duration pushback(Duration wait) {
    Duration bounded = wait.compareTo(MOST_PUSHBACK) < 0 ? wait : MOST_PUSHBACK;
    return Pushback.untilRoom(bounded, ThreadLocalRandom.current());
  }

  /** When no document can accept the credential any more. */
  static Instant end(VerifiedIdentity identity) {
    TrustedIssuer issuer = identity.issuer();
    return identity.expireTime().plus(issuer.client() ? issuer.leeway() : TrustedIssuer.MAX_LEEWAY);
  }

  /** What is the same for two presentations of one credential. */
  static String idOf(VerifiedIdentity identity) {
    return Objects.requireNonNull(identity.onceId(), "the issuer is not once-only");
  }
}
