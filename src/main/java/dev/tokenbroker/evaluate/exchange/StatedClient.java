package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.base.outcome.Trail.Finding;
import dev.tokenbroker.base.outcome.Trail.Result;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.credential.VerifiedIdentity;

/**
 * The step {@code CLIENT} for a caller that states a {@code client_id} without a proof of that
 * client. Its credential must belong to the client (RFC 7521 section 4.2). With the grant {@code
 * client_credentials}, every id is checked. With the other grants, only the name of a registered
 * client is checked.
 *
 * <p>The id is no part of the cache key, so that each grant gets the same token for one credential.
 * Instead, each caller is checked against the verified identity, also at a cached token. A caller
 * with another id shares no evaluation: the others must not be refused for it, and it must not have
 * a token made.
 */
final class StatedClient {

  private static final String EXPECTED =
      "the name of the client that the credential proves, or its sub, azp or client_id";

  private StatedClient() {}

  /** Whether the caller states an id that the credential must have. */
  static boolean isStated(PresentedClient client, CheckedRequest request) {
    String proved = request.grant().client();
    return client.byCredential()
        ? !client.id().isEmpty() && !client.id().equals(proved)
        : proved == null && request.federation().clients().isName(client.id());
  }

  /** Refuses an identity of another client, before anything is decided for it. */
  static Outcome<VerifiedIdentity> require(
      VerifiedIdentity identity, EvaluationContext run, Trail trail) {
    PresentedClient client = run.client();
    RegisteredClients clients = run.request().federation().clients();
    return isStated(client, run.request()) && !clients.isOf(identity, client)
        ? trail.refuse(Step.CLIENT, mismatch(identity, client, clients))
        : Outcome.accepted(identity);
  }

  /** The result for this caller, which may have been made for another caller. */
  static EvaluationResult<IssuedToken> check(
      Evaluation run, CheckedRequest request, EvaluationResult<IssuedToken> result) {
    PresentedClient client = run.request().client();
    VerifiedIdentity identity = result.identity();
    if (identity == null || result.trail().failed() == Step.CLIENT) {
      return result;
    }
    RegisteredClients clients = request.federation().clients();
    if (clients.isOf(identity, client)) {
      run.stated(new Finding(Step.CLIENT, Result.PASSED, EXPECTED, Evidence.clean(client.id()), 0));
      return result;
    }
    Trail trail = new Trail();
    trail.passed(Step.REQUEST, "", run.request().audience());
    trail.authenticated();
    trail.issuer(identity.issuer().name());
    return new EvaluationResult<>(
        trail.refuse(Step.CLIENT, mismatch(identity, client, clients)), trail, identity, null);
  }

  /** A name beside a credential that proves no client is a client without its proof. */
  private static Refusal mismatch(
      VerifiedIdentity identity, PresentedClient client, RegisteredClients clients) {
    boolean unproved = !client.byCredential() && !clients.isProvedBy(identity);
    return Refusal.of(
            unproved ? RefusalReason.CLIENT_UNAUTHENTICATED : RefusalReason.CLIENT_MISMATCH)
        .expected(unproved ? "the proof of the client" : EXPECTED)
        .seen("client_id " + client.id());
  }
}
