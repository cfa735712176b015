package dev.tokenbroker.lifecycle;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.possession.PresentedKeys;
import dev.tokenbroker.possession.PresentedToken;
import dev.tokenbroker.possession.ProofVerifier;
import dev.tokenbroker.possession.ProvedKeys;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.Set;

/**
 * Authenticates the callers of introspection, revocation and operator calls, in the same way for
 * every edge. A caller needs an access token of this broker with the scope of the {@link Right}.
 * Instead, it may present a client certificate or a client secret that the settings list for the
 * right. A token that is bound to a key needs a proof of that key (RFC 9449 section 7, RFC 8705
 * section 3). All other callers are refused.
 */
@Singleton
public final class CallerAccess {

  private final BrokerTokens tokens;
  private final ProofVerifier proofs;
  private final Set<String> introspectionCertificates;
  private final Set<String> revocationCertificates;
  private final ClientSecrets introspectionClients;
  private final ClientSecrets revocationClients;
  private final FailedAttempts failed = new FailedAttempts();

  CallerAccess(BrokerTokens tokens, ProofVerifier proofs, AccessSettings settings) {
    this.tokens = tokens;
    this.proofs = proofs;
    this.introspectionCertificates = Thumbprints.of(settings.introspectionCertificates());
    this.revocationCertificates = Thumbprints.of(settings.revocationCertificates());
    this.introspectionClients = ClientSecrets.of(settings.introspectionClients());
    this.revocationClients = ClientSecrets.of(settings.revocationClients());
  }

  /**
   * Authenticates a caller and checks that it has a right.
   *
   * @return the caller, or a refusal. {@code CALLER_UNAUTHENTICATED} does not say what is wrong.
   *     {@code AUTHENTICATION_RATE_LIMITED} means too many wrong secrets from the address. {@code
   *     CALLER_NOT_PERMITTED} expects the scope that the token lacks. Other refusals are those of
   *     {@link ProofVerifier}.
   */
  public Outcome<KnownCaller> admit(PresentedCaller caller, Right right, Deadline deadline) {
    PresentedKeys keys = caller.keys();
    String certificate = keys.certificate();
    if (certificate != null && certificates(right).contains(certificate)) {
      return Outcome.accepted(new KnownCaller(null, certificate, null));
    }
    if (ClientSecrets.isPresentedIn(caller.authorization()) && !clients(right).isEmpty()) {
      return client(caller, clients(right));
    }
    Optional<PresentedToken> presented = PresentedToken.parse(caller.authorization());
    if (presented.isEmpty()) {
      return Outcome.refused(Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED));
    }
    return tokens
        .recognise(presented.get(), () -> proved(presented.get(), keys), right, deadline)
        .map(token -> new KnownCaller(token.subject(), null, null));
  }

  private Outcome<KnownCaller> client(PresentedCaller caller, ClientSecrets clients) {
    Optional<Refusal> limit = failed.limit(caller.peer());
    if (limit.isPresent()) {
      return Outcome.refused(limit.get());
    }
    String id = clients.authenticated(caller.authorization());
    if (id == null) {
      failed.add(caller.peer());
      return Outcome.refused(Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED));
    }
    return Outcome.accepted(new KnownCaller(null, null, id));
  }

  /**
   * The keys that the caller has proved. A proof counts only with a token of the scheme {@code
   * DPoP} (RFC 9449 section 7.1).
   */
  private Outcome<ProvedKeys> proved(PresentedToken presented, PresentedKeys keys) {
    return switch (presented.type()) {
      case BEARER -> Outcome.accepted(ProvedKeys.ofConnection(keys.withoutProof()));
      case DPOP -> proofs.take(keys);
    };
  }

  private Set<String> certificates(Right right) {
    return switch (right) {
      case OPERATE -> Set.of();
      case INTROSPECT -> introspectionCertificates;
      case REVOKE -> revocationCertificates;
    };
  }

  private ClientSecrets clients(Right right) {
    return switch (right) {
      case OPERATE -> ClientSecrets.of(Optional.empty());
      case INTROSPECT -> introspectionClients;
      case REVOKE -> revocationClients;
    };
  }
}
