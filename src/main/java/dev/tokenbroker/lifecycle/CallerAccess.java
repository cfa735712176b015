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
 * Authenticates callers that do more than exchange, the same for every edge and every {@link
 * Right}: by a client certificate or a client secret that the settings list for it, or by a token
 * of this broker with its scope. A token that is bound to a key needs a proof of that key (RFC 9449
 * section 7, RFC 8705 section 3). All others are refused.
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
   * Who the caller is, where it has that right.
   *
   * @return the caller; or the refusal {@code CALLER_UNAUTHENTICATED}, which does not say what is
   *     wrong, or one of {@link ProofVerifier}, or {@code CALLER_NOT_PERMITTED}, which expects the
   *     scope that its token lacks
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

  /** A proof is for a token that is presented with it (RFC 9449 section 7.1), and for no other. */
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
