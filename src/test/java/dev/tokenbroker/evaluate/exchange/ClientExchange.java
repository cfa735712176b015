package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.TokenMinter;
import dev.tokenbroker.judge.issuer.NoKeys;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An exchange by a document with clients, for tests of the edges. */
public final class ClientExchange {

  private final List<Grant> granted = new ArrayList<>();
  private final IssuedTokens tokens;
  private final TokenExchange exchange;

  /** A broker with the issuer {@code https://broker.test} and that document. */
  public ClientExchange(Path document, TestClock clock) {
    this(federation(document, clock), clock, List.of());
  }

  ClientExchange(Federation federation, TestClock clock, List<ExchangeObserver> observers) {
    TokenMinter minter = TestExchange.minter(clock);
    this.tokens = TestExchange.tokens(clock);
    this.exchange =
        TestExchange.by(federation, clock, observers)
            .minter(
                grant -> {
                  granted.add(grant);
                  return minter.mint(grant);
                })
            .tokens(tokens)
            .build();
  }

  static Federation federation(Path document, TestClock clock) {
    Surroundings surroundings =
        new Surroundings(
            true,
            null,
            Duration.ZERO,
            Set.of("https://broker.test", "https://broker.test/token"),
            null);
    return switch (new FederationLoader(
            _ -> NoKeys.NONE, null, DocumentGate.OPEN, clock, surroundings)
        .load(document)) {
      case LoadResult.Loaded loaded -> loaded.federation();
      case LoadResult.Rejected rejected -> throw new AssertionError(rejected.problems());
    };
  }

  public Exchanged exchange(ExchangeRequest request) {
    return TestExchange.exchange(exchange, request);
  }

  /** The verdict for a client that an operator names; null for the one that the request proves. */
  public Verdict explain(ExchangeRequest request, @Nullable String client) {
    return exchange.explain(request, client, TestExchange.enough()).verdict();
  }

  /** What an exchange would end in. */
  public Verdict explain(ExchangeRequest request) {
    return explain(request, null);
  }

  /** Whether a token was issued. */
  public static boolean isIssued(Exchanged exchanged) {
    return exchanged.outcome() instanceof Outcome.Accepted<IssuedToken>;
  }

  /** The grants of all minted tokens. */
  public List<Grant> granted() {
    return granted;
  }

  /** How many tokens are cached. */
  public long cached() {
    return tokens.status().entries();
  }
}
