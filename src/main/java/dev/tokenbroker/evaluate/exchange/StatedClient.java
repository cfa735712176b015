package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.base.outcome.Trail.Finding;
import dev.tokenbroker.base.outcome.Trail.Result;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import java.util.Objects;

/**
 * The step {@code CLIENT} for a caller whose credential is its client's assertion: the id that the
 * caller states must be one of the credential (RFC 7521 section 4.2).
 *
 * <p>The id is no part of the cache key, so that each grant gets the same token for one credential.
 * Instead, each caller is checked against the verified identity, also at a cached token. A caller
 * with another id shares no evaluation: the others must not be refused for it, and it must not have
 * a token made.
 */
final class StatedClient {

  private static final String EXPECTED =
      "the name of its registered client, or the sub, azp or client_id of the credential";

  private StatedClient() {}

  /** Whether the caller states an id that the credential must have. */
  static boolean isStated(PresentedClient client) {
    return client.byCredential() && !client.id().isEmpty();
  }

  /** Refuses an identity of another client, before anything is decided for it. */
  static Outcome<VerifiedIdentity> require(
      VerifiedIdentity identity, EvaluationContext run, Trail trail) {
    PresentedClient client = run.client();
    return isStated(client) && !run.request().federation().clients().isOf(identity, client.id())
        ? trail.refuse(Step.CLIENT, mismatch(client))
        : Outcome.accepted(identity);
  }

  /** The result for this caller, which may have been made for another caller. */
  static EvaluationResult<IssuedToken> check(Evaluation run, EvaluationResult<IssuedToken> result) {
    PresentedClient client = run.request().client();
    VerifiedIdentity identity = result.identity();
    if (!isStated(client) || identity == null || result.trail().failed() == Step.CLIENT) {
      return result;
    }
    Federation federation = Objects.requireNonNull(run.federation());
    if (federation.clients().isOf(identity, client.id())) {
      run.stated(new Finding(Step.CLIENT, Result.PASSED, EXPECTED, Evidence.clean(client.id()), 0));
      return result;
    }
    Trail trail = new Trail();
    trail.passed(Step.REQUEST, "", run.request().audience());
    trail.authenticated();
    trail.issuer(identity.issuer().name());
    return new EvaluationResult<>(
        trail.refuse(Step.CLIENT, mismatch(client)), trail, identity, null);
  }

  private static Refusal mismatch(PresentedClient client) {
    return Refusal.of(RefusalReason.CLIENT_MISMATCH)
        .expected(EXPECTED)
        .seen("client_id " + client.id());
  }
}
