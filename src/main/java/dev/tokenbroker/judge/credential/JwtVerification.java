package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.SignedClaims;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.SignatureRules.SignatureFinding;
import dev.tokenbroker.judge.credential.SignatureRules.SignatureFlaw;
import dev.tokenbroker.judge.issuer.KeySetSource.KeyReview;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuers.IssuerMatch;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Runs the checks of one JWT in order. Each check records its result on the trail. The first failed
 * check ends the verification.
 *
 * <p>The issuer check comes before any costly work. A credential of an unknown issuer therefore
 * costs no key fetch, and a signature check only as evidence, if its name is nearly trusted. The
 * algorithm check comes before the key lookup, and each key's type is checked before its use. So
 * {@code alg} never decides how the broker reads a key (RFC 8725 section 3.1). An instance serves
 * one call.
 */
final class JwtVerification {

  private static final String WITHDRAWN =
      "The credential is signed by the key of its kid that the issuer has withdrawn.";

  private final InstantSource clock;
  private final SignatureProvider provider;
  private final TrustedIssuers issuers;
  private final Deadline deadline;
  private final Trail trail;
  private final RefusedSigners signers;
  private long keysVersion;
  private @Nullable VerificationKey signer;

  JwtVerification(
      InstantSource clock,
      SignatureProvider provider,
      TrustedIssuers issuers,
      Deadline deadline,
      Trail trail) {
    this.clock = clock;
    this.provider = provider;
    this.issuers = issuers;
    this.deadline = deadline;
    this.trail = trail;
    this.signers = new RefusedSigners(clock, provider);
  }

  /** A JWT that names a trusted issuer. */
  private record Attributed(UnverifiedJwt jwt, TrustedIssuer issuer) {}

  /** A JWT of a trusted issuer, with an {@code alg} that this issuer may use. */
  private record JudgedClaims(Attributed of, SigningAlgorithm algorithm) {}

  /** A JWT and the keys that may have signed it. */
  private record Keyed(JudgedClaims of, List<VerificationKey> keys) {}

  Outcome<VerifiedIdentity> verify(String compact, int maxSizeBytes, Deadline reviewBy) {
    return signedAndCurrent(compact, maxSizeBytes)
        .then(this::audience)
        .then(this::ownAssertion)
        .mapRefusal(why -> noted(why, compact, maxSizeBytes))
        .then(attributed -> review(compact, attributed, reviewBy))
        .map(this::proved);
  }

  private Refusal noted(Refusal why, String compact, int maxSizeBytes) {
    boolean read =
        why.reason() != RefusalReason.CREDENTIAL_MALFORMED
            && why.reason() != RefusalReason.CREDENTIAL_TOO_LARGE;
    if (read && why.reason().fault() == RefusalReason.Fault.CALLER) {
      WrongKind.notes(compact, maxSizeBytes, issuers).forEach(trail::note);
    }
    return why;
  }

  /** Runs all checks up to the time. */
  Outcome<AuthenticJwt> authenticate(String compact, int maxSizeBytes) {
    return signedAndCurrent(compact, maxSizeBytes)
        .map(
            attributed -> {
              UnverifiedJwt jwt = attributed.jwt();
              return new AuthenticJwt(jwt.header().type(), jwt.registered(), jwt.claims());
            });
  }

  private Outcome<Attributed> signedAndCurrent(String compact, int maxSizeBytes) {
    return format(compact, maxSizeBytes)
        .then(this::issuer)
        .then(this::algorithm)
        .then(this::keys)
        .then(this::signature)
        .then(this::time);
  }

  private Outcome<UnverifiedJwt> format(String compact, int maxSizeBytes) {
    return switch (UnverifiedJwt.parse(compact, maxSizeBytes)) {
      case Outcome.Refused<UnverifiedJwt>(Refusal refusal) -> trail.refuse(Step.FORMAT, refusal);
      case Outcome.Accepted<UnverifiedJwt> accepted -> {
        UnverifiedJwt jwt = accepted.value();
        trail.passed(
            Step.FORMAT,
            "a signed JWT with iss, sub, aud and exp",
            compact.length() + " bytes, " + jwt.claims().size() + " claims");
        for (String offer : jwt.header().offeredKeys()) {
          trail.note("The header has " + offer + ", which is never trusted and was not used.");
        }
        yield accepted;
      }
    };
  }

  private Outcome<Attributed> issuer(UnverifiedJwt jwt) {
    RegisteredClaims claims = jwt.registered();
    return switch (issuers.find(claims.issuer(), claims.audiences())) {
      case IssuerMatch.OneIssuer(TrustedIssuer issuer) -> attributed(jwt, issuer);
      case IssuerMatch.UnknownIssuer _ ->
          trail.refuse(Step.ISSUER, new UnknownIssuer(issuers, signers, trail).refusal(jwt));
      case IssuerMatch.NoAudience(List<TrustedIssuer> entries) ->
          trail.refuse(Step.ISSUER, AudienceRule.mismatch(claims.audiences(), entries));
      case IssuerMatch.SeveralIssuers(List<TrustedIssuer> entries) ->
          trail.refuse(Step.ISSUER, AudienceRule.ambiguous(claims.audiences(), entries));
    };
  }

  private Outcome<Attributed> attributed(UnverifiedJwt jwt, TrustedIssuer issuer) {
    String name = jwt.registered().issuer();
    trail.issuer(issuer.name());
    if (issuer.disabled()) {
      return trail.refuse(
          Step.ISSUER,
          Refusal.of(RefusalReason.ISSUER_DISABLED)
              .expected("an issuer that is not disabled")
              .seen(name));
    }
    trail.passed(Step.ISSUER, issuer.issuer(), name);
    return Outcome.accepted(new Attributed(jwt, issuer));
  }

  private Outcome<JudgedClaims> algorithm(Attributed attributed) {
    TrustedIssuer issuer = attributed.issuer();
    String name = attributed.jwt().header().algorithm();
    Optional<SigningAlgorithm> algorithm =
        SigningAlgorithm.named(name).filter(issuer.algorithms()::contains);
    if (algorithm.isEmpty()) {
      return trail.refuse(Step.ALGORITHM, SignatureRules.notAllowed(name, issuer));
    }
    trail.passed(Step.ALGORITHM, "an algorithm that the issuer may use", name);
    return Outcome.accepted(new JudgedClaims(attributed, algorithm.get()));
  }

  private Outcome<Keyed> keys(JudgedClaims judged) {
    UnverifiedJwt jwt = judged.of().jwt();
    TrustedIssuer issuer = judged.of().issuer();
    String keyId = jwt.header().keyId();
    trail.awaits(issuer.keys()::underWay);
    return switch (versionedKeys(issuer, keyId)) {
      case Outcome.Refused<List<VerificationKey>>(Refusal refusal) -> {
        Refusal signed = withWithdrawnSigner(refusal, judged.of());
        yield trail.refuse(Step.KEY, withKeyHints(signed, jwt, issuer));
      }
      case Outcome.Accepted<List<VerificationKey>>(List<VerificationKey> keys) -> {
        KeySetStatus status = issuer.keys().status();
        if (status.freshness() == KeySetStatus.Freshness.STALE) {
          String failure = status.lastFailure();
          String why = failure == null ? "it is time to fetch them anew" : failure;
          trail.note("The keys of " + issuer.name() + " are stale: " + why);
        }
        trail.passed(
            Step.KEY,
            "a key of " + issuer.name(),
            keyId == null ? "no kid; " + keys.size() + " keys may be meant" : "kid " + keyId);
        yield Outcome.accepted(new Keyed(judged, keys));
      }
    };
  }

  /**
   * Looks up the keys and sets {@link #keysVersion}. The version is read before the keys, so keys
   * that change in between count as the older version. Version 0 means that no keys could be served
   * yet. The lookup then fetches them, and a second lookup pairs them with their version.
   */
  private Outcome<List<VerificationKey>> versionedKeys(
      TrustedIssuer issuer, @Nullable String keyId) {
    keysVersion = issuer.keys().version();
    Outcome<List<VerificationKey>> found = issuer.keys().keys(keyId, deadline);
    if (keysVersion != 0 || found instanceof Outcome.Refused) {
      return found;
    }
    keysVersion = issuer.keys().version();
    return issuer.keys().keys(keyId, deadline);
  }

  private Refusal withKeyHints(Refusal refusal, UnverifiedJwt jwt, TrustedIssuer issuer) {
    RefusalReason reason = refusal.reason();
    boolean unknown = reason == RefusalReason.KEY_UNKNOWN;
    String keyId = jwt.header().keyId();
    if (keyId == null || !(unknown || reason == RefusalReason.KEY_REFETCH_COOLING_DOWN)) {
      return refusal;
    }
    Refusal hinted = refusal.seen().isEmpty() ? refusal.seen("kid " + keyId) : refusal;
    Optional<TrustedIssuer> holder = issuers.publishing(keyId, issuer);
    if (holder.isPresent()) {
      hinted =
          hinted.hint(
              ("The issuer " + holder.get().name() + " has a key of that name: ")
                  + "is the credential from there, with another "
                  + (holder.get().issuer().equals(issuer.issuer()) ? "aud?" : "iss?"));
    }
    Duration past = Duration.between(jwt.registered().expireTime(), clock.instant());
    return unknown && past.isPositive() && !issuer.keys().publishes(keyId)
        ? hinted.hint(
            ("Its exp, which nothing proves, passed " + TimeRules.seconds(past) + " ago: ")
                + "the key may have been retired since.")
        : hinted;
  }

  private Outcome<Attributed> signature(Keyed keyed) {
    SigningAlgorithm algorithm = keyed.of().algorithm();
    Attributed attributed = keyed.of().of();
    UnverifiedJwt jwt = attributed.jwt();
    String keyId = jwt.header().keyId();
    String expected = "a signature by a key of " + attributed.issuer().name();
    String seen = "alg " + algorithm.jwaName() + (keyId == null ? ", no kid" : ", kid " + keyId);
    SignatureFinding found = SignatureRules.judge(provider, algorithm, keyed.keys(), jwt);
    KeyReview review = KeyReview.NOTHING;
    if (found instanceof SignatureFlaw flaw && flaw.isOfKeys() && keyId != null) {
      trail.awaits(attributed.issuer().keys()::underWay);
      review = attributed.issuer().keys().review(keyId, keyed.keys(), deadline);
      if (review.replaced()
          && versionedKeys(attributed.issuer(), keyId)
              instanceof Outcome.Accepted<List<VerificationKey>>(List<VerificationKey> others)) {
        found = SignatureRules.judge(provider, algorithm, others, jwt);
      }
    }
    return switch (found) {
      case SignatureFinding.SignedBy(VerificationKey key) -> {
        signer = key;
        trail.signed(new SignedClaims(jwt.claims()));
        review.hints().forEach(trail::note);
        trail.passed(Step.SIGNATURE, expected, seen);
        yield Outcome.accepted(attributed);
      }
      case SignatureFlaw(String sentence, boolean _) -> {
        Refusal refusal =
            Refusal.of(RefusalReason.SIGNATURE_INVALID)
                .expected(expected)
                .seen(seen)
                .hint(sentence);
        for (String hint : review.hints()) {
          refusal = refusal.hint(hint);
        }
        yield trail.refuse(Step.SIGNATURE, withWithdrawnSigner(refusal, attributed));
      }
    };
  }

  private Refusal withWithdrawnSigner(Refusal why, Attributed of) {
    return signers
        .find(of.jwt(), of.issuer(), of.issuer().keys()::withdrawn)
        .map(key -> why.note(WITHDRAWN).clue(Clue.signed(key.thumbprint())))
        .orElse(why);
  }

  private Outcome<Attributed> time(Attributed attributed) {
    RegisteredClaims claims = attributed.jwt().registered();
    Optional<Refusal> broken = new TimeRules(attributed.issuer(), clock.instant()).judge(claims);
    if (broken.isPresent()) {
      return trail.refuse(Step.TIME, broken.get());
    }
    trail.passed(
        Step.TIME,
        "exp, nbf and iat that are current, within the issuer's leeway",
        "exp " + claims.expireTime());
    return Outcome.accepted(attributed);
  }

  private Outcome<Attributed> audience(Attributed attributed) {
    UnverifiedJwt jwt = attributed.jwt();
    TrustedIssuer issuer = attributed.issuer();
    RegisteredClaims claims = jwt.registered();
    for (String audience : claims.audiences()) {
      if (issuer.audiences().contains(audience)) {
        trail.passed(Step.AUDIENCE, "an audience of the issuer", audience);
        return Outcome.accepted(attributed);
      }
    }
    return trail.refuse(Step.AUDIENCE, AudienceRule.mismatch(claims.audiences(), List.of(issuer)));
  }

  private Outcome<Attributed> ownAssertion(Attributed attributed) {
    return ClientAssertion.refusal(attributed.jwt(), attributed.issuer())
        .map(why -> trail.<Attributed>refuse(Step.AUDIENCE, why))
        .orElseGet(() -> Outcome.accepted(attributed));
  }

  /** The last check, since it calls the issuer: nothing else may be wrong with the credential. */
  private Outcome<Attributed> review(String compact, Attributed attributed, Deadline reviewBy) {
    TrustedIssuer issuer = attributed.issuer();
    if (!issuer.tokenReview()) {
      return Outcome.accepted(attributed);
    }
    trail.begin(Step.REVIEW);
    return switch (issuer.keys().credentialReview().review(compact, issuer.audiences(), reviewBy)) {
      case Outcome.Refused<String>(Refusal refusal) -> trail.refuse(Step.REVIEW, refusal);
      case Outcome.Accepted<String>(String said) -> {
        trail.passed(Step.REVIEW, "an API server that still accepts the credential", said);
        yield Outcome.accepted(attributed);
      }
    };
  }

  private VerifiedIdentity proved(Attributed attributed) {
    UnverifiedJwt jwt = attributed.jwt();
    TrustedIssuer issuer = attributed.issuer();
    RegisteredClaims claims = jwt.registered();
    return new VerifiedIdentity(
        issuer,
        keysVersion,
        claims.subject(),
        claims.expireTime(),
        TimeRules.acceptedUntil(issuer, claims),
        jwt.claims(),
        onceId(jwt, issuer),
        jwt.claims().get("jti") instanceof String id ? id : null);
  }

  /** Null if the credential may be exchanged more than once. */
  private @Nullable String onceId(UnverifiedJwt jwt, TrustedIssuer issuer) {
    if (!issuer.once()) {
      return null;
    }
    // Another entry with this iss must not use up a credential by a jti that it has copied.
    boolean alone = issuers.entries(issuer.issuer()).size() == 1;
    return alone || signer == null
        ? CredentialId.of(jwt)
        : CredentialId.of(jwt, signer.thumbprint());
  }
}
