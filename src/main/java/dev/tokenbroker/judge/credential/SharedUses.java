package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.peers.store.SharedStore;
import dev.tokenbroker.peers.store.SharedStore.StoreKind;
import dev.tokenbroker.peers.store.StoreClaim;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Marks credentials of issuers with {@code once: true} as used, for all replicas. It asks the
 * memory of this process first, then the store: a credential that this replica has exchanged stays
 * used, even if the store fails. Safe for use by any number of threads; may wait for the store.
 */
@Singleton
public final class SharedUses {

  /** How long credentials without {@code iat} and {@code nbf} wait after a loss, at least. */
  private static final Duration UNDATED = Duration.ofHours(1);

  private final UsedCredentials used;
  private final SharedStore store;
  private final InstantSource clock;

  public SharedUses(UsedCredentials used, SharedStore store, InstantSource clock) {
    this.used = used;
    this.store = store;
    this.clock = clock;
  }

  /** A credential that its caller has marked as used, and may exchange. */
  public static final class Use {

    private final VerifiedIdentity identity;
    private final StoreClaim.Mine claim;

    private Use(VerifiedIdentity identity, StoreClaim.Mine claim) {
      this.identity = identity;
      this.claim = claim;
    }
  }

  /**
   * Marks a credential as used.
   *
   * @return the use; or a refusal of {@link UsedCredentials#take}, {@code CREDENTIAL_IN_USE} or
   *     {@code STORE_UNAVAILABLE}, and then the credential is not used
   */
  public Outcome<Use> take(VerifiedIdentity identity) {
    Optional<Refusal> why = used.take(identity);
    if (why.isPresent()) {
      return Outcome.refused(why.get());
    }
    return switch (store.claim(
        StoreKind.CREDENTIAL, UsedCredentials.idOf(identity), remembered(identity))) {
      case StoreClaim.Mine mine -> {
        Use use = new Use(identity, mine);
        Optional<Refusal> forgotten = forgotten(identity);
        forgotten.ifPresent(_ -> giveBack(use));
        yield forgotten.map(Outcome::<Use>refused).orElseGet(() -> Outcome.accepted(use));
      }
      case StoreClaim.Denied denied -> {
        used.giveBack(identity);
        yield Outcome.refused(refusal(denied, identity));
      }
    };
  }

  /** Keeps the credential used for good, since a token was made. */
  public void confirm(Use use) {
    store.confirm(use.claim);
  }

  /** Marks the credential as not used, since no token was made. */
  public void giveBack(Use use) {
    store.giveBack(use.claim);
    used.giveBack(use.identity);
  }

  /** Returns the refusal that {@link #take} would return, without using the credential. */
  public Optional<Refusal> look(VerifiedIdentity identity) {
    return used.look(identity)
        .or(
            () ->
                store
                    .look(StoreKind.CREDENTIAL, UsedCredentials.idOf(identity))
                    .map(denied -> refusal(denied, identity)))
        .or(() -> forgotten(identity));
  }

  /** How long the store remembers the credential: as long as the slowest replica accepts it. */
  private Duration remembered(VerifiedIdentity identity) {
    return Duration.between(clock.instant(), UsedCredentials.end(identity)).plus(store.maxSkew());
  }

  /**
   * The refusal of a credential that may be one of those that the store has lost. In the first
   * moments after a loss that is any: replicas announce what they know again, with claims of
   * issuers whose clock is ahead.
   */
  private Optional<Refusal> forgotten(VerifiedIdentity identity) {
    Instant now = clock.instant();
    return store
        .lost(StoreKind.CREDENTIAL)
        .filter(lost -> !isLater(identity, lost.plus(store.maxSkew()), now))
        .map(
            lost ->
                Refusal.of(RefusalReason.STORE_UNAVAILABLE)
                    .expected(
                        "a credential issued after "
                            + lost.plus(store.maxSkew())
                            + ", as the store has lost earlier claims")
                    .seen("one that may have been used before")
                    .hint("Get a new credential from the issuer."));
  }

  private boolean isLater(VerifiedIdentity identity, Instant loss, Instant now) {
    Instant notUsedBefore = identity.notUsedBefore();
    if (notUsedBefore != null) {
      return now.isAfter(loss) && notUsedBefore.isAfter(loss);
    }
    Duration life = remembered(identity);
    return now.isAfter(loss.plus(life.compareTo(UNDATED) > 0 ? life : UNDATED));
  }

  private Refusal refusal(StoreClaim.Denied denied, VerifiedIdentity identity) {
    String expected = UsedCredentials.demanded(identity.issuer());
    return switch (denied) {
      case StoreClaim.Held(Instant since) ->
          Refusal.of(RefusalReason.CREDENTIAL_ALREADY_USED)
              .expected(expected)
              .seen("one that was taken at " + since + " by another replica");
      case StoreClaim.Undecided(Instant since) ->
          Refusal.of(RefusalReason.CREDENTIAL_IN_USE)
              .expected(expected)
              .seen("one that another replica has taken at " + since + ", and may give back")
              // The claim of a replica that was killed stays open for minutes.
              .retryAfter(UsedCredentials.pushback(Duration.between(since, clock.instant())));
      case StoreClaim.Unavailable _ ->
          Refusal.of(RefusalReason.STORE_UNAVAILABLE)
              .expected(expected)
              .seen("no answer of the store that knows");
    };
  }
}
