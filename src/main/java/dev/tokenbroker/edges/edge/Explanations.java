package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.evaluate.exchange.TokenExchange;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Explanation;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict.Reader;
import dev.tokenbroker.operate.candidate.Candidate;
import dev.tokenbroker.operate.changes.ChangeNotes;
import jakarta.inject.Singleton;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Explains exchanges, in the same way for both edges. A caller sees its own part of the verdict. An
 * operator sees all of it, what changed before, and the verdict of the candidate.
 */
@Singleton
public final class Explanations {

  private final TokenExchange exchange;
  private final Candidate candidate;
  private final ChangeNotes changes;

  Explanations(TokenExchange exchange, Candidate candidate, ChangeNotes changes) {
    this.exchange = exchange;
    this.candidate = candidate;
    this.changes = changes;
  }

  /**
   * The part of an explanation that its reader may see.
   *
   * @param candidate null for a reader who is no operator, and if there is no such verdict
   */
  public record DisclosedExplanation(Verdict verdict, @Nullable Verdict candidate) {}

  /**
   * Judges the request and issues nothing. May wait for an issuer's keys: not on an event loop.
   *
   * @param client the registered client that an operator names, as in {@link TokenExchange#explain}
   * @param operator whether the reader is an operator, decided only if there is more to see
   * @param withCandidate whether the reader wants the verdict of the candidate, too
   */
  public DisclosedExplanation explain(
      ExchangeRequest request,
      @Nullable String client,
      Deadline deadline,
      BooleanSupplier operator,
      boolean withCandidate) {
    Explanation explanation = exchange.explain(request, client, deadline);
    Verdict verdict = explanation.verdict();
    if (verdict.isShed() || !operator.getAsBoolean()) {
      return new DisclosedExplanation(verdict.disclosedTo(Reader.CALLER), null);
    }
    return new DisclosedExplanation(
        changes.added(verdict.disclosedTo(Reader.OPERATOR)),
        withCandidate ? candidate.verdict(explanation).orElse(null) : null);
  }
}
