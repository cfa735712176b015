package dev.tokenbroker.judge.credential;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.base.text.AddressBlock;
import dev.tokenbroker.judge.credential.CredentialVerifier.UnverifiedIdentity;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.SharedSecret;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import jakarta.inject.Singleton;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates registered clients, in the same way for every edge and endpoint (RFC 6749 section
 * 2.3, RFC 7523 section 3, RFC 8705 section 2). A request costs at most one comparison or one
 * signature. Thread-safe; may wait for keys if the client sends an assertion.
 */
@Singleton
public final class ClientAuthenticator {

  private static final Logger LOG = Logger.getLogger(ClientAuthenticator.class);

  /** RFC 7523 section 2.2. */
  public static final String JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  /** Stand for the clients of documents and for all other ids; no client can have these names. */
  private static final String LISTED = "(listed)";

  private static final String UNLISTED = "(unlisted)";

  private static final String NO_CLIENT = "The client assertion is about no registered client.";

  private static final SharedSecret OF_NOBODY = new SharedSecret(Path.of(""), new byte[0]);

  private final CredentialVerifier verifier;
  private final AssertionChecks checks;
  private final SharedUses uses;
  private final FailedAttempts failed = new FailedAttempts();
  private final Map<String, LongAdder> failures =
      Map.of(LISTED, new LongAdder(), UNLISTED, new LongAdder());

  public ClientAuthenticator(CredentialVerifier verifier, AssertionChecks checks, SharedUses uses) {
    this.verifier = verifier;
    this.checks = checks;
    this.uses = uses;
  }

  /**
   * What a call shows of its client.
   *
   * @param certificate the thumbprint of the client certificate; null if there is none
   * @param peer the address of the caller; empty if unknown
   * @param trial whether an assertion must not be used up
   */
  public record ClientCall(
      PresentedClient client, @Nullable String certificate, String peer, boolean trial) {}

  /** How often the clients of the document, and all others, presented a wrong secret. */
  public Map<String, LongAdder> failures() {
    return failures;
  }

  /**
   * A client that has proved itself and has the right.
   *
   * @param toUse what its assertion proves, if the assertion can be used only once; else null
   * @param trial whether the assertion must not be used up
   */
  public record ProvedClient(
      RegisteredClient client, @Nullable VerifiedIdentity toUse, boolean trial) {

    private static ProvedClient of(RegisteredClient client) {
      return new ProvedClient(client, null, true);
    }
  }

  /** Authenticates the client of a call: {@link #verify}, and then {@link #use}. */
  public Outcome<Optional<RegisteredClient>> authenticate(
      ClientCall call,
      RegisteredClients clients,
      TrustedIssuers issuers,
      ClientRight right,
      Deadline deadline) {
    return verify(call, clients, issuers, right, deadline).then(this::use);
  }

  /**
   * Authenticates the client of a call, and checks its right. Does not use up an assertion: a
   * client counts only after {@link #use}.
   *
   * @param issuers the issuers of the same federation, which know the clients with own keys
   * @return the client; empty if the call proves none, also for an exchange that states the name of
   *     one, whose credential must prove it; or a refusal. {@code CLIENT_UNAUTHENTICATED} does not
   *     tell an unknown client from a wrong proof. Status and response time may: only an assertion
   *     that names a registered client can wait for keys, fail with 503, or exceed a limit (429).
   *     {@code AUTHENTICATION_RATE_LIMITED} means one of too many wrong secrets. {@code
   *     CLIENT_DISABLED} and {@code CLIENT_NOT_PERMITTED} are for clients that have proved
   *     themselves.
   */
  public Outcome<Optional<ProvedClient>> verify(
      ClientCall call,
      RegisteredClients clients,
      TrustedIssuers issuers,
      ClientRight right,
      Deadline deadline) {
    PresentedClient presented = call.client();
    String certificate = call.certificate();
    RegisteredClient holder = certificate == null ? null : clients.holding(certificate);
    PresentedSecret secret = secret(presented, clients);
    boolean asserts = !presented.assertion().isEmpty() || !presented.assertionType().isEmpty();
    if (Stream.of(holder != null, secret != null, asserts).filter(way -> way).count() > 1) {
      return unauthenticated("two proofs of a client at once"); // RFC 6749 section 2.3
    }
    if (asserts) {
      return byAssertion(call, clients, issuers, right, deadline).map(Optional::of);
    }
    if (secret != null) {
      return bySecret(call, secret, clients)
          .then(client -> RegisteredClients.permitted(client, right))
          .map(client -> Optional.of(ProvedClient.of(client)));
    }
    if (holder == null) {
      return Outcome.accepted(Optional.empty()); // also for the id of a client without its proof
    }
    String id = presented.byCredential() ? "" : presented.id();
    if (id.isEmpty() && right == ClientRight.EXCHANGE && holder.onlyAsks()) {
      return Outcome.accepted(Optional.empty()); // it exchanges as anybody may
    }
    return id.isEmpty() || id.equals(holder.name())
        ? RegisteredClients.permitted(holder, right)
            .map(client -> Optional.of(ProvedClient.of(client)))
        : unauthenticated("the certificate of another client than client_id");
  }

  /** The secret to check. Without clients, {@code Basic} of a gRPC call may be for a proxy. */
  private static @Nullable PresentedSecret secret(
      PresentedClient presented, RegisteredClients clients) {
    PresentedSecret secret = presented.secret();
    boolean ignored =
        secret != null && secret.in() == PresentedSecret.In.METADATA && clients.all().isEmpty();
    return ignored ? null : secret;
  }

  private static <T> Outcome<T> unauthenticated(String seen) {
    return Outcome.refused(Refusal.of(RefusalReason.CLIENT_UNAUTHENTICATED).seen(seen));
  }

  /** Compares first: wrong secrets from an address must not shut out the right one. */
  private Outcome<RegisteredClient> bySecret(
      ClientCall call, PresentedSecret secret, RegisteredClients clients) {
    RegisteredClient named = clients.named(call.client().id());
    SharedSecret expected =
        named != null && named.proof() instanceof SharedSecret listed ? listed : OF_NOBODY;
    // Both are always compared, so that the time tells nothing.
    boolean asSent = expected.matches(secret.octets());
    boolean asDecoded = expected.matches(decoded(secret));
    boolean listed = expected != OF_NOBODY;
    if (named != null && listed && (asSent || asDecoded)) {
      return Outcome.accepted(named);
    }
    String client = named != null && listed ? named.name() : UNLISTED;
    Objects.requireNonNull(failures.get(listed ? LISTED : UNLISTED)).increment();
    if (failed.before(client) == 0) {
      LOG.warnf(
          "The client %s presents a wrong secret, at last from %s. Compare it with its secretFile"
              + " in the federation document",
          client, AddressBlock.of(call.peer()));
    }
    return Outcome.refused(failed.refusal(call.peer(), client));
  }

  /**
   * RFC 6749 section 2.3.1 has clients encode the secret for {@code Basic} as in a form. Many do
   * not, so the secret as sent counts, too.
   */
  private static byte[] decoded(PresentedSecret secret) {
    if (secret.in() == PresentedSecret.In.FORM) {
      return secret.octets();
    }
    try {
      String text = new String(secret.octets(), StandardCharsets.UTF_8);
      return URLDecoder.decode(text, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return secret.octets();
    }
  }

  private Outcome<ProvedClient> byAssertion(
      ClientCall call,
      RegisteredClients clients,
      TrustedIssuers issuers,
      ClientRight right,
      Deadline deadline) {
    PresentedClient presented = call.client();
    if (!presented.assertionType().equals(JWT_BEARER) || presented.assertion().isEmpty()) {
      return unauthenticated("no assertion of the type " + JWT_BEARER);
    }
    PresentedCredential assertion =
        new PresentedCredential("urn:ietf:params:oauth:token-type:jwt", presented.assertion());
    // Before any key is needed: a stranger must not make the broker fetch keys, and wait.
    UnverifiedIdentity named = verifier.named(assertion, issuers).orElse(null);
    if (named != null && !clients.isNamed(named)) {
      return Outcome.refused(notAccepted(NO_CLIENT));
    }
    // Admission bounds the exchanges that wait.
    Outcome<VerifiedIdentity> verified =
        named == null || right == ClientRight.EXCHANGE
            ? verifier.verify(assertion, issuers, deadline, new Trail())
            : checks.verify(assertion, named.issuer(), issuers, deadline);
    return verified
        .mapRefusal(ClientAuthenticator::unproved)
        .then(identity -> client(identity, call, clients))
        .then(proved -> RegisteredClients.permitted(proved.client(), right).map(_ -> proved));
  }

  /** The client that an assertion is about, if its {@code client_id} is the same client's. */
  private static Outcome<ProvedClient> client(
      VerifiedIdentity identity, ClientCall call, RegisteredClients clients) {
    RegisteredClient client = clients.of(identity);
    if (client == null) {
      return Outcome.refused(notAccepted(NO_CLIENT));
    }
    PresentedClient presented = call.client();
    boolean same = presented.id().isEmpty() || clients.isOf(identity, presented);
    return same
        ? Outcome.accepted(
            new ProvedClient(client, identity.issuer().once() ? identity : null, call.trial()))
        : unauthenticated("an assertion about another client than client_id");
  }

  /**
   * Uses up the assertion of a client that {@link #verify} has returned, if it has a single use.
   */
  public Outcome<Optional<RegisteredClient>> use(Optional<ProvedClient> verified) {
    return verified
        .map(proved -> used(proved).map(Optional::of))
        .orElseGet(() -> Outcome.accepted(Optional.empty()));
  }

  private Outcome<RegisteredClient> used(ProvedClient proved) {
    VerifiedIdentity identity = proved.toUse();
    if (identity == null) {
      return Outcome.accepted(proved.client());
    }
    Outcome<RegisteredClient> used =
        proved.trial()
            ? uses.look(identity)
                .map(Outcome::<RegisteredClient>refused)
                .orElseGet(() -> Outcome.accepted(proved.client()))
            : uses.take(identity)
                .map(
                    use -> {
                      uses.confirm(use);
                      return proved.client();
                    });
    return used.mapRefusal(ClientAuthenticator::used);
  }

  /**
   * The refusal of an assertion. The evidence is for operators, so that the response does not tell
   * whether the client exists. A refusal because of load or missing keys stays as it is.
   */
  private static Refusal unproved(Refusal why) {
    return switch (why.reason().kind()) {
      case REQUEST, PRESENTATION, CREDENTIAL, CREDENTIAL_BARRED, ISSUER_SETTINGS ->
          notAccepted(
                  "The client assertion is refused with %s: expected %s, seen %s"
                      .formatted(why.reason(), why.expected(), why.seen()))
              .noted(why.hints());
      default -> why;
    };
  }

  /** The refusal of an assertion that has proved the client, and so may be named. */
  private static Refusal used(Refusal why) {
    Refusal refusal = unproved(why);
    return refusal.reason() == why.reason()
        ? refusal
        : refusal.seen("a client assertion that is refused with " + why.reason());
  }

  private static Refusal notAccepted(String note) {
    return Refusal.of(RefusalReason.CLIENT_UNAUTHENTICATED)
        .seen("a client assertion that is not accepted")
        .note(note);
  }

  /**
   * Limits the answers to wrong secrets, for each client at each {@link AddressBlock}: {@value
   * #MOST} a minute, for {@value #COUNTED} pairs. All ids that the document does not list count as
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
          ? Refusal.of(RefusalReason.CLIENT_UNAUTHENTICATED)
          : Refusal.of(RefusalReason.AUTHENTICATION_RATE_LIMITED).retryAfter(WINDOW);
    }
  }
}
