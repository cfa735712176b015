package dev.tokenbroker.evaluate.revocation;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.outcome.AddressBlock;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.PresentedToken;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.ProvedKeys;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates the callers of introspection, revocation and operator calls, in the same way for
 * every edge. A caller needs an access token of this broker with the scope of the {@link Right}.
 * Instead, it may present a client certificate or a client secret that the settings list for the
 * right. A token that is bound to a key needs a proof of that key (RFC 9449 section 7, RFC 8705
 * section 3). All other callers are refused.
 */
@Singleton
public final class CallerAccess {

  private static final Logger log = Logger.getLogger(CallerAccess.class);

  /** Has a character that no id may have. */
  private static final String UNLISTED = "(unlisted)";

  /** The schemes of {@link PresentedToken}. */
  private static final Pattern SCHEME = Pattern.compile("^(?i:bearer|dpop) ");

  private final BrokerTokens tokens;
  private final ProofVerifier proofs;
  private final Map<Right, Set<String>> certificates;
  private final Map<Right, ClientSecrets> clients;

  private final FailedAttempts failed = new FailedAttempts();
  private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();

  CallerAccess(BrokerTokens tokens, ProofVerifier proofs, AccessSettings settings) {
    this.tokens = tokens;
    this.proofs = proofs;
    this.certificates =
        Map.of(
            Right.INTROSPECT, Thumbprints.of(settings.introspectionCertificates()),
            Right.REVOKE, Thumbprints.of(settings.revocationCertificates()));
    this.clients =
        Map.of(
            Right.INTROSPECT, ClientSecrets.of(settings.introspectionClients()),
            Right.REVOKE, ClientSecrets.of(settings.revocationClients()));
    failures.put(UNLISTED, new LongAdder());
    clients.values().forEach(each -> each.ids().forEach(id -> failures.put(id, new LongAdder())));
  }

  /** How often each listed client presented a wrong secret; all other ids are one client. */
  public Map<String, LongAdder> failures() {
    return failures;
  }

  /**
   * Authenticates a caller and checks that it has a right.
   *
   * @return the caller, or a refusal. {@code CALLER_UNAUTHENTICATED} says only what a text is that
   *     is no JWT. {@code AUTHENTICATION_RATE_LIMITED} means one of too many wrong secrets from the
   *     address. {@code CALLER_NOT_PERMITTED} expects the scope that the token lacks. Other
   *     refusals are those of {@link ProofVerifier}.
   */
  public Outcome<KnownCaller> admit(PresentedCaller caller, Right right, Deadline deadline) {
    PresentedKeys keys = caller.keys();
    String certificate = keys.certificate();
    if (certificate != null && certificates.getOrDefault(right, Set.of()).contains(certificate)) {
      return Outcome.accepted(new KnownCaller(null, certificate, null, null));
    }
    ClientSecrets secrets = clients.get(right);
    if (secrets != null
        && !secrets.isEmpty()
        && ClientSecrets.isPresentedIn(caller.authorization())) {
      return client(caller, secrets);
    }
    Optional<PresentedToken> presented = PresentedToken.parse(caller.authorization());
    if (presented.isEmpty()) {
      return Outcome.refused(unreadable(caller.authorization()));
    }
    return tokens
        .recognise(
            presented.get(), () -> proved(presented.get(), keys), proofs::take, right, deadline)
        .map(token -> new KnownCaller(token.subject(), null, null, token));
  }

  private static Refusal unreadable(String authorization) {
    String text = SCHEME.matcher(authorization).replaceFirst("");
    Refusal refusal = BrokerTokens.unknown(text);
    return text.isEmpty() || !refusal.seen().isEmpty()
        ? refusal
        : refusal.seen("a JWT without a scheme").hint("Put the scheme Bearer before it.");
  }

  /** Compares first: wrong secrets from an address must not shut out the right one. */
  private Outcome<KnownCaller> client(PresentedCaller caller, ClientSecrets clients) {
    ClientSecrets.Presented presented = clients.presented(caller.authorization());
    if (presented.proved()) {
      return Outcome.accepted(new KnownCaller(null, null, presented.client(), null));
    }
    String client = presented.client().isEmpty() ? UNLISTED : presented.client();
    LongAdder count = Objects.requireNonNull(failures.get(client));
    count.increment();
    if (failed.before(client) == 0) {
      log.warnf(
          "The client %s presents a wrong secret (%d since the start, at last from %s)."
              + " Compare it with its file in token-broker.access.*-clients",
          client, count.sum(), AddressBlock.of(caller.peer()));
    }
    return Outcome.refused(failed.refusal(caller.peer(), presented.client()));
  }

  /**
   * The keys that the caller has proved. A proof counts only with a token of the scheme {@code
   * DPoP} (RFC 9449 section 7.1).
   */
  private Outcome<ProvedKeys> proved(PresentedToken presented, PresentedKeys keys) {
    return switch (presented.type()) {
      case BEARER -> Outcome.accepted(ProvedKeys.ofConnection(keys.withoutProof()));
      case DPOP -> proofs.check(keys);
    };
  }

  /**
   * Limits the answers to wrong secrets, for each client at each {@link AddressBlock}: {@value
   * #MOST} a minute, for {@value #COUNTED} pairs. All ids that the settings do not list count as
   * one client. The right secret is never refused. Thread-safe.
   */
  static final class FailedAttempts {

    static final int MOST = 20;

    private static final int COUNTED = 10_000;
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private final Cache<String, AtomicInteger> counts =
        Caffeine.newBuilder()
            .maximumSize(COUNTED)
            .expireAfterWrite(WINDOW)
            .executor(Runnable::run)
            .build();

    /** Counts a failed attempt of a client, or of a client at an address. */
    private int before(String counted) {
      return counts.get(counted, _ -> new AtomicInteger()).getAndIncrement();
    }

    /** Counts a failed attempt; returns the refusal for it. */
    Refusal refusal(String address, String client) {
      return before(AddressBlock.of(address) + ' ' + client) < MOST
          ? Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED)
          : Refusal.of(RefusalReason.AUTHENTICATION_RATE_LIMITED).retryAfter(WINDOW);
    }
  }

  /**
   * An authenticated caller; exactly one of the first three is set.
   *
   * @param subject the {@code sub} of its access token
   * @param certificate the thumbprint of its client certificate
   * @param client the id of the client that its secret has authenticated
   * @param token its access token; null where it needed none
   */
  public record KnownCaller(
      @Nullable String subject,
      @Nullable String certificate,
      @Nullable String client,
      @Nullable MintedToken token) {

    /** The caller on this machine, in dev mode. */
    static final KnownCaller ON_THIS_MACHINE = new KnownCaller("loopback", null, null, null);

    /** The name of the caller, for people. */
    public String name() {
      if (subject != null) {
        return subject;
      }
      return certificate == null ? "client " + client : "certificate " + certificate;
    }
  }
}
