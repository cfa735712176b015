package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.ClientAuthenticator.ClientCall;
import dev.tokenbroker.judge.credential.ClientAuthenticator.ProvedClient;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.PresentedToken;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.ProvedKeys;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates the callers of introspection, revocation and operator calls, in the same way for
 * every edge. A caller needs an access token of this broker with the scope of the {@link Right}.
 * Without a token, it may prove itself as a client that the federation document registers with the
 * right. A token that is bound to a key needs a proof of that key (RFC 9449 section 7, RFC 8705
 * section 3). All other callers are refused, with one exception: the holder of a token of this
 * broker may revoke that very token without a right.
 */
@Singleton
public final class CallerAccess {

  /** The schemes of {@link PresentedToken}. */
  private static final Pattern SCHEME = Pattern.compile("^(?i:bearer|dpop) ");

  /** For calls that are about no token, or that need the right for every token. */
  static final Predicate<String> NO_TOKEN = _ -> false;

  private final BrokerTokens tokens;
  private final ProofVerifier proofs;
  private final Supplier<Optional<Federation>> federation;
  private final ClientAuthenticator clients;

  @Inject
  CallerAccess(
      BrokerTokens tokens,
      ProofVerifier proofs,
      Federations federations,
      ClientAuthenticator clients) {
    this(tokens, proofs, federations::current, clients);
  }

  CallerAccess(
      BrokerTokens tokens,
      ProofVerifier proofs,
      Supplier<Optional<Federation>> federation,
      ClientAuthenticator clients) {
    this.tokens = tokens;
    this.proofs = proofs;
    this.federation = federation;
    this.clients = clients;
  }

  /**
   * Authenticates a caller and checks that it has a right.
   *
   * @return the caller, or a refusal. {@code CALLER_UNAUTHENTICATED} says only what a text is that
   *     is no JWT. {@code AUTHENTICATION_RATE_LIMITED} means one of too many wrong secrets from the
   *     address. {@code CALLER_NOT_PERMITTED} expects the scope that the token lacks, or the right
   *     of the client. Other refusals are those of {@link ProofVerifier} and {@link
   *     ClientAuthenticator}.
   */
  public Outcome<KnownCaller> admit(PresentedCaller caller, Right right, Deadline deadline) {
    return admit(caller, right, NO_TOKEN, deadline);
  }

  private Outcome<KnownCaller> admit(
      PresentedCaller caller, Right right, Predicate<String> itself, Deadline deadline) {
    return PresentedToken.parse(caller.authorization())
        .map(presented -> byToken(presented, caller, right, itself, deadline))
        .orElseGet(() -> byClient(verified(caller, right, deadline), caller, right));
  }

  private Outcome<KnownCaller> byToken(
      PresentedToken presented,
      PresentedCaller caller,
      Right right,
      Predicate<String> itself,
      Deadline deadline) {
    if (caller.client().isProving()) {
      return Outcome.refused(
          Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED).seen("a token, and a client's proof"));
    }
    return tokens
        .recognise(
            presented,
            () -> proved(presented, caller.keys()),
            proofs::take,
            right,
            () -> itself.test(presented.value()),
            deadline)
        .map(token -> new KnownCaller(token.subject(), null, token));
  }

  /**
   * The caller of a call that has a bulkhead. An assertion is verified before the call enters it,
   * because that may wait for keys. It is used up inside, so that a call that the bulkhead rejects
   * can be repeated. Everything else is checked inside, and a bug is thrown there.
   *
   * @param itself whether the call is about a token and no other; its holder needs no right
   */
  Supplier<Outcome<KnownCaller>> admitted(
      PresentedCaller caller, Right right, Predicate<String> itself, Deadline deadline) {
    boolean byToken = PresentedToken.parse(caller.authorization()).isPresent();
    if (byToken || caller.client().assertion().isEmpty()) {
      return () -> admit(caller, right, itself, deadline);
    }
    try {
      Outcome<Optional<ProvedClient>> verified = verified(caller, right, deadline);
      return () -> byClient(verified, caller, right);
    } catch (RuntimeException | Error bug) {
      return () -> {
        throw bug;
      };
    }
  }

  private Outcome<KnownCaller> byClient(
      Outcome<Optional<ProvedClient>> verified, PresentedCaller caller, Right right) {
    return verified
        .then(clients::use)
        .mapRefusal(why -> ofCaller(why, right))
        .then(
            client ->
                client
                    .map(known -> Outcome.accepted(new KnownCaller(null, known.name(), null)))
                    .orElseGet(() -> Outcome.refused(unreadable(caller.authorization()))));
  }

  /** The client of a call without a token; empty if the call proves none. */
  private Outcome<Optional<ProvedClient>> verified(
      PresentedCaller caller, Right right, Deadline deadline) {
    Federation current = federation.get().orElse(null);
    Optional<ClientRight> wanted = right.ofClients();
    if (current == null || wanted.isEmpty() || current.clients().all().isEmpty()) {
      return Outcome.accepted(Optional.empty());
    }
    ClientCall call =
        new ClientCall(caller.client(), caller.keys().certificate(), caller.peer(), false);
    return clients.verify(call, current.clients(), current.issuers(), wanted.get(), deadline);
  }

  private static Refusal ofCaller(Refusal why, Right right) {
    return switch (why.reason()) {
      case CLIENT_UNAUTHENTICATED -> why.as(RefusalReason.CALLER_UNAUTHENTICATED);
      case CLIENT_NOT_PERMITTED ->
          why.as(RefusalReason.CALLER_NOT_PERMITTED).expected(right.scope());
      default -> why;
    };
  }

  private static Refusal unreadable(String authorization) {
    String text = SCHEME.matcher(authorization).replaceFirst("");
    Refusal refusal = BrokerTokens.unknown(text);
    return text.isEmpty() || !refusal.seen().isEmpty()
        ? refusal
        : refusal.seen("a JWT without a scheme").hint("Put the scheme Bearer before it.");
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
   * An authenticated caller; exactly one of the first two is set.
   *
   * @param subject the {@code sub} of its access token
   * @param client the name of the registered client
   * @param token its access token; null where it needed none
   */
  public record KnownCaller(
      @Nullable String subject, @Nullable String client, @Nullable MintedToken token) {

    /** The caller on this machine, in dev mode. */
    static final KnownCaller ON_THIS_MACHINE = new KnownCaller("loopback", null, null);

    /** The name of the caller, for people. */
    public String name() {
      return subject == null ? "client " + client : subject;
    }
  }
}
