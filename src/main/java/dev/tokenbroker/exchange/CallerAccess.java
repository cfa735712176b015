package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.possession.PresentedKeys;
import dev.tokenbroker.possession.ProvedKeys;
import dev.tokenbroker.token.BrokerTokens;
import dev.tokenbroker.token.Right;
import jakarta.inject.Singleton;
import java.util.Set;

/**
 * Authenticates who uses the broker beyond exchanges, the same for every edge and every {@link
 * Right}: by a client certificate that the settings list for it, or by a bearer token that this
 * broker minted for it. Nobody else is let in.
 */
@Singleton
public final class CallerAccess {

  private static final String SCHEME = "Bearer ";

  private final BrokerTokens tokens;
  private final Set<String> introspectionCertificates;
  private final Set<String> revocationCertificates;

  CallerAccess(BrokerTokens tokens, AccessSettings settings) {
    this.tokens = tokens;
    this.introspectionCertificates = Thumbprints.of(settings.introspectionCertificates());
    this.revocationCertificates = Thumbprints.of(settings.revocationCertificates());
  }

  /**
   * Who the caller is, where it has that right.
   *
   * @return the caller; or the refusal {@code CALLER_UNAUTHENTICATED}, which does not say what is
   *     wrong, or {@code CALLER_NOT_PERMITTED}, which expects the scope that its token lacks
   */
  public Outcome<KnownCaller> admit(PresentedCaller caller, Right right, Deadline deadline) {
    String certificate = caller.certificate();
    if (certificate != null && certificates(right).contains(certificate)) {
      return Outcome.accepted(new KnownCaller(null, certificate));
    }
    String authorization = caller.authorization();
    // RFC 9110 section 11.1: the name of the scheme is compared without regard to case.
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Outcome.refused(Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED));
    }
    ProvedKeys keys = ProvedKeys.ofConnection(PresentedKeys.of(certificate, null));
    return tokens
        .recognise(authorization.substring(SCHEME.length()).strip(), keys, right, deadline)
        .map(token -> new KnownCaller(token.subject(), null));
  }

  private Set<String> certificates(Right right) {
    return switch (right) {
      case OPERATE -> Set.of();
      case INTROSPECT -> introspectionCertificates;
      case REVOKE -> revocationCertificates;
    };
  }
}
