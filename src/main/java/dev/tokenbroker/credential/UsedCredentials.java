package dev.tokenbroker.credential;

import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.outcome.Pushback;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
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
 * The credentials that were used, of issuers whose credentials may be exchanged once only.
 *
 * <p>At most {@code token-broker.credential.max-used}, of about 250 bytes each. Safe for use by any
 * number of threads; each call holds a lock for a few microseconds.
 */
@Singleton
public final class UsedCredentials {

  /*
   * The idea. A credential is remembered for as long as any federation could accept it: until its exp and the longest leeway
   * that there is, whatever leeway and maxTokenAge its issuer has at the moment. So no later revision makes a used one good.
   *
   * Nothing is forgotten before that. Where there is no room the credential at hand is refused, since the alternative is to
   * forget one that is good still, and a thief would only have to bring enough others.
   *
   * What was forgotten ended no later than forgottenUpTo. A credential that ends no later than this, too, and is not known,
   * may have been used: so it is refused. By a clock that only goes forward none comes here that is not expired; it
   * matters where the clock was ahead for a while and is set back.
   *
   * Ended ones are forgotten a few at each use, more than come in by it, so that no single one pays for many.
   */

  private static final int FORGOTTEN_AT_A_TIME = 8;

  /** Those given back may make room sooner than the first to end. */
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
   * @param max the most that are remembered
   */
  public UsedCredentials(int max, InstantSource clock) {
    this.max = max;
    this.clock = clock;
  }

  /**
   * @param until when it is forgotten
   * @param taken when it was used
   */
  private record Use(String id, Instant until, Instant taken) {}

  /**
   * Uses a credential: of any number of threads that come with the same one, one is told that it
   * may, until it gives it back.
   *
   * @return why it must not be exchanged: {@code CREDENTIAL_ALREADY_USED}, {@code
   *     USED_CREDENTIALS_FULL}, or {@code CREDENTIAL_EXPIRED} where it may have been used and
   *     forgotten; empty where it may
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

  /** What {@link #take} would say; uses nothing. */
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

  /** It was not used after all; only for the one who took it. */
  public synchronized void giveBack(VerifiedIdentity identity) {
    Use use = uses.remove(idOf(identity));
    if (use != null) {
      byEnd.remove(use);
    }
  }

  /** How many are remembered that have not ended. */
  public int remembered() {
    while (forgetSome()) {} // each holding the lock for a moment
    synchronized (this) {
      return uses.size();
    }
  }

  /** How many may be. */
  public int limit() {
    return max;
  }

  /** What is demanded of a credential of that issuer. */
  public static String demanded(TrustedIssuer issuer) {
    return "a credential that was not exchanged before, as " + issuer.name() + " has once: true";
  }

  private synchronized boolean forgetSome() {
    return forgetSome(clock.instant());
  }

  /** Whether there may be more to forget. */
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
    Duration room = Duration.between(now, byEnd.first().until());
    Duration wait = room.compareTo(MOST_PUSHBACK) < 0 ? room : MOST_PUSHBACK;
    return Refusal.of(RefusalReason.USED_CREDENTIALS_FULL)
        .expected("room for one more used credential")
        .seen(max + " that have not ended")
        .retryAfter(Pushback.untilRoom(wait, ThreadLocalRandom.current()));
  }

  private static Instant end(VerifiedIdentity identity) {
    return identity.expireTime().plus(TrustedIssuer.MAX_LEEWAY);
  }

  private static String idOf(VerifiedIdentity identity) {
    return Objects.requireNonNull(identity.onceId(), "its issuer's may be used at will");
  }
}
