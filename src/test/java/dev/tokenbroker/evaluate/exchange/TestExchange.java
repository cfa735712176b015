package dev.tokenbroker.evaluate.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.admission.Admission;
import dev.tokenbroker.evaluate.exchange.admission.TestAdmissionSettings;
import dev.tokenbroker.evaluate.exchange.admission.UpstreamTurns;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.evaluate.revocation.UpstreamTokens;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.issue.signing.TokenMinter;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.credential.AssertionChecks;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.CredentialVerifier;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.SharedUses;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.judge.possession.DpopSettings;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.TestDpopSettings;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.peers.store.ChosenStore;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts an exchange together as production does, without the container. It evaluates on the thread
 * that asks, unless a test gives it threads.
 */
public final class TestExchange {

  private static final int MAX_USED = 1_000;

  private final Supplier<Optional<Federation>> federation;
  private final TestClock clock;
  private final List<ExchangeObserver> observers;
  private CredentialVerifier verifier;
  private TokenMinter minter;
  private OnceOnly once;
  private IssuedTokens tokens;
  private UpstreamTokens upstreamTokens;
  private Admission admission;
  private UpstreamTurns turns;
  private Executor threads = Runnable::run;
  private DpopSettings dpop = TestDpopSettings.defaults();

  private TestExchange(
      Supplier<Optional<Federation>> federation,
      TestClock clock,
      List<ExchangeObserver> observers) {
    this.federation = federation;
    this.clock = clock;
    this.observers = observers;
    this.verifier = TestVerifiers.of(clock);
    this.minter = minter(clock);
    this.once = once(new UsedCredentials(MAX_USED, clock), clock);
    this.tokens = tokens(clock);
    this.upstreamTokens = new UpstreamTokens(clock);
    this.admission =
        new Admission(TestAdmissionSettings.defaults().withPerCredential(0, 1), Clocks.system());
    this.turns =
        new UpstreamTurns(
            TestAdmissionSettings.defaults().withPerIdentityRate(0).withPerIssuerRate(0), clock);
  }

  TestExchange dpop(DpopSettings by) {
    dpop = by;
    return this;
  }

  /** An exchange by that federation; null where none is loaded. */
  public static TestExchange by(
      @Nullable Federation federation, TestClock clock, List<ExchangeObserver> observers) {
    return new TestExchange(() -> Optional.ofNullable(federation), clock, observers);
  }

  /** An exchange by the federation that is in force then. */
  static TestExchange following(
      Supplier<Federation> federation, TestClock clock, List<ExchangeObserver> observers) {
    return new TestExchange(() -> Optional.of(federation.get()), clock, observers);
  }

  TestExchange verifier(CredentialVerifier other) {
    this.verifier = other;
    return this;
  }

  TestExchange minter(TokenMinter other) {
    this.minter = other;
    return this;
  }

  TestExchange once(OnceOnly other) {
    this.once = other;
    return this;
  }

  TestExchange tokens(IssuedTokens other) {
    this.tokens = other;
    return this;
  }

  TestExchange upstreamTokens(UpstreamTokens other) {
    this.upstreamTokens = other;
    return this;
  }

  TestExchange admission(Admission other) {
    this.admission = other;
    return this;
  }

  TestExchange turns(UpstreamTurns other) {
    this.turns = other;
    return this;
  }

  /** Evaluates on those threads. */
  TestExchange threads(Executor other) {
    this.threads = other;
    return this;
  }

  TokenExchange build() {
    return on(
        new EvaluationThreads(
            admission, Settings.defaults(ExchangeSettings.class).maxDuration(), threads));
  }

  /** The same, with evaluations that a test counts. */
  TokenExchange on(EvaluationThreads evaluating) {
    return new TokenExchange(
        new Evaluations(federation, observers, clock),
        new Clients(
            new ClientAuthenticator(
                verifier,
                new AssertionChecks(verifier),
                new SharedUses(new UsedCredentials(MAX_USED, clock), ChosenStore.empty(), clock)),
            admission,
            verifier),
        new Proofs(TestProof.verifier(dpop, clock), admission),
        tokens,
        evaluating,
        verifier,
        new TokenIssuance(once, turns, minter, upstreamTokens));
  }

  /** Exchanges, with all work done on this thread. */
  static Exchanged exchange(TokenExchange exchange, ExchangeRequest request, Deadline deadline) {
    return Endings.now(exchange.exchange(request, deadline, Runnable::run));
  }

  /** The same, with enough time. */
  static Exchanged exchange(TokenExchange exchange, ExchangeRequest request) {
    return exchange(exchange, request, enough());
  }

  /** Explains, with enough time. */
  static Verdict explain(TokenExchange exchange, ExchangeRequest request) {
    return exchange.explain(request, null, enough()).verdict();
  }

  /** What the loader makes of that document. */
  static Federation federation(Path directory, String document, InstantSource clock) {
    return federation(directory, document, TestUpstreams::of, clock);
  }

  /** The same, with upstreams that can be called, on this host too. */
  static Federation federation(
      Path directory,
      String document,
      Function<UpstreamDefinition, Upstream> upstreams,
      InstantSource clock) {
    try {
      Path file = Files.writeString(directory.resolve("federation.yaml"), document);
      LoadResult result =
          new FederationLoader(
                  location ->
                      Unchecked.raise(new AssertionError("no keys are fetched here: " + location)),
                  upstreams,
                  DocumentGate.OPEN,
                  clock,
                  Surroundings.unknown(true))
              .load(file);
      assertThat(result).isInstanceOf(LoadResult.Loaded.class);
      return ((LoadResult.Loaded) result).federation();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  static TokenMinter minter(InstantSource clock) {
    TestTokenSettings settings = TestTokenSettings.defaults();
    return new JwtMinter(
        new SigningKeys(
            settings, SignatureProvider.automatic(), TestClocks.of(clock), ChangeListener.NONE),
        settings,
        clock);
  }

  /** Credentials that are exchanged once, at this replica alone. */
  static OnceOnly once(UsedCredentials used, TestClock clock) {
    return new OnceOnly(new SharedUses(used, ChosenStore.empty(), clock));
  }

  /** Tokens by the default settings, none of which is revoked. */
  static IssuedTokens tokens(TestClock clock) {
    return new IssuedTokens(
        TestCacheSettings.defaults(), false, _ -> false, TestClocks.seeded(clock, 1));
  }

  /** The same, which keep the claims of credentials or not. */
  static IssuedTokens tokens(TestClock clock, boolean keepsClaims) {
    return new IssuedTokens(
        TestCacheSettings.defaults(), keepsClaims, _ -> false, TestClocks.seeded(clock, 1));
  }

  public static ExchangeRequest request(String audience, String credential, String... scopes) {
    return request(audience, credential, List.of(scopes), null);
  }

  public static ExchangeRequest request(
      String audience, String credential, List<String> scopes, @Nullable Duration lifetime) {
    PresentedKeys keys = PresentedKeys.NONE;
    PresentedClient client = PresentedClient.NONE;
    String peer = "192.0.2.7";
    return new ExchangeRequest(
        audience, credential, "", scopes, lifetime, false, "grpc", peer, keys, client, List.of());
  }

  /** A request over HTTP with these keys. */
  public static ExchangeRequest request(String audience, String credential, PresentedKeys keys) {
    return http(audience, credential, "", keys, PresentedClient.NONE, List.of());
  }

  /** A request over HTTP by that client. */
  public static ExchangeRequest request(
      String audience, String credential, PresentedClient client) {
    return http(audience, credential, "192.0.2.7", PresentedKeys.NONE, client, List.of());
  }

  /** A request over HTTP for no target; the edge could not read those fields. */
  public static ExchangeRequest unread(FieldViolation... fields) {
    return http("", "credential", "", PresentedKeys.NONE, PresentedClient.NONE, List.of(fields));
  }

  private static ExchangeRequest http(
      String audience,
      String credential,
      String peer,
      PresentedKeys keys,
      PresentedClient client,
      List<FieldViolation> unread) {
    return new ExchangeRequest(
        audience, credential, "", List.of(), null, false, "http", peer, keys, client, unread);
  }

  /** A request with this token type, with or without an actor token. */
  public static ExchangeRequest request(
      String audience, String credential, String type, boolean actor) {
    PresentedKeys keys = PresentedKeys.NONE;
    PresentedClient client = PresentedClient.NONE;
    return new ExchangeRequest(
        audience, credential, type, List.of(), null, actor, "grpc", "", keys, client, List.of());
  }

  public static Deadline enough() {
    return Deadline.after(Duration.ofMinutes(1));
  }
}
