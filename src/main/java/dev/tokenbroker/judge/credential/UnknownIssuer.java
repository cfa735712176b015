package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Refuses a JWT whose {@code iss} is no trusted issuer, and says which one is like it. */
record UnknownIssuer(TrustedIssuers issuers, RefusedSigners signers, Trail trail) {

  private static final int MAX_SHOWN_ISSUERS = 4;

  /** The refusal, with what the issuer may have meant to be. */
  Refusal refusal(UnverifiedJwt jwt) {
    String name = jwt.registered().issuer();
    Optional<TrustedIssuer> near = issuers.nearMiss(name);
    if (near.isEmpty()) {
      return notTrusted(name);
    }
    TrustedIssuer meant = near.get();
    String difference = NearMiss.between(name, meant.issuer()).orElse("is spelt differently");
    Refusal refusal =
        Refusal.of(RefusalReason.ISSUER_NEAR_MISS)
            .expected(meant.issuer())
            .seen(name)
            .hint("The iss of the credential " + difference + "; the issuer declared is not so.");
    if (signers.find(jwt, meant, meant.keys()::held).isPresent()) {
      trail.issuer(meant.name());
      return refusal
          .note("A key of that issuer has signed it.")
          .clue(Clue.signed(Clue.issuer(name)));
    }
    return refusal;
  }

  private Refusal notTrusted(String name) {
    int count = issuers.all().size();
    List<TrustedIssuer> nearest = issuers.nearest(name, MAX_SHOWN_ISSUERS);
    String shown =
        nearest.stream().map(TrustedIssuer::issuer).distinct().collect(Collectors.joining(", "));
    String trusted =
        count > MAX_SHOWN_ISSUERS
            ? "one of " + count + " issuers, the nearest first: " + shown
            : "one of " + shown;
    Refusal refusal =
        Refusal.of(RefusalReason.ISSUER_UNKNOWN)
            .expected(count == 0 ? "a trusted issuer; there are none" : trusted)
            .seen(name);
    for (TrustedIssuer issuer : nearest) {
      OptionalInt edits = TrustedIssuers.edits(name, issuer);
      if (edits.isPresent()) {
        refusal =
            refusal.hint(
                "It differs in %d characters from the issuer %s (%s), which may be a mistake or another issuer."
                    .formatted(edits.getAsInt(), issuer.name(), issuer.issuer()));
      }
    }
    return refusal;
  }
}
