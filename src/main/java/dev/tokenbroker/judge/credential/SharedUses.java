package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.store.SharedStore;
import dev.tokenbroker.peers.store.StoreClaim;
import dev.tokenbroker.peers.store.StoreClaim.ClaimedName;
import dev.tokenbroker.peers.store.StoreKind;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Marks credentials of issuers with {@code once: true}, and assertions that clients sign
 * themselves, as used, for all replicas. It asks the memory of this process first, then the store:
 * a credential that this replica has exchanged stays used, even if the store fails. Safe for use by
 * any number of threads; may wait for the store.
 */
@Singleton
public final class SharedUses {

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
    return switch (store.claim(nameOf(identity))) {
      case StoreClaim.Mine mine -> Outcome.accepted(new Use(identity, mine));
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
        .or(() -> store.look(nameOf(identity)).map(denied -> refusal(denied, identity)));
  }

  private ClaimedName nameOf(VerifiedIdentity identity) {
    return new ClaimedName(
        identity.issuer().client() ? StoreKind.ASSERTION : StoreKind.CREDENTIAL,
        UsedCredentials.idOf(identity),
        identity.notUsedBefore(),
        Duration.between(clock.instant(), UsedCredentials.end(identity)));
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
      case StoreClaim.Forgotten(Instant upTo) ->
          Refusal.of(RefusalReason.STORE_UNAVAILABLE)
              .expected(
                  "a credential issued after " + upTo + ", as the store has lost earlier claims")
              .seen("one that may have been used before")
              .hint("Get a new credential from the issuer.");
      case StoreClaim.Unavailable _ ->
          Refusal.of(RefusalReason.STORE_UNAVAILABLE)
              .expected(expected)
              .seen("no answer of the store that knows");
    };
  }
}
