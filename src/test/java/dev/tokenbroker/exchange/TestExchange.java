package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.credential.CredentialVerifier;
import dev.tokenbroker.credential.JwtVerifier;
import dev.tokenbroker.credential.UsedCredentials;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.FederationLoader;
import dev.tokenbroker.federation.LoadResult;
import dev.tokenbroker.issuer.SignatureProvider;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.possession.Nonces;
import dev.tokenbroker.possession.ProofVerifier;
import dev.tokenbroker.possession.TestDpopSettings;
import dev.tokenbroker.token.CacheKey;
import dev.tokenbroker.token.IssuedToken;
import dev.tokenbroker.token.JwtMinter;
import dev.tokenbroker.token.SigningKeys;
import dev.tokenbroker.token.SingleFlight;
import dev.tokenbroker.token.TestCacheSettings;
import dev.tokenbroker.token.TestTokenSettings;
import dev.tokenbroker.token.TestUpstreams;
import dev.tokenbroker.token.TokenCache;
import dev.tokenbroker.token.TokenMinter;
import dev.tokenbroker.token.Upstream;
import dev.tokenbroker.token.UpstreamDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The exchange as it is put together in production, without the container. */
final class TestExchange {

  private static final int MAX_USED = 1_000;

  private TestExchange() {}

  /** What the loader makes of that document. */
  static Federation federation(Path directory, String document, InstantSource clock) {
    return federation(directory, document, TestUpstreams::of, clock);
  }

  /** The same, with upstreams that may be asked, on this host too. */
  static Federation federation(
      Path directory,
      String document,
      Function<UpstreamDefinition, Upstream> upstreams,
      InstantSource clock) {
    try {
      Path file = Files.writeString(directory.resolve("federation.yaml"), document);
      LoadResult result =
          new FederationLoader(
                  location -> {
                    throw new AssertionError("no keys are fetched here: " + location);
                  },
                  upstreams,
                  clock,
                  true)
              .load(file);
      assertThat(result).isInstanceOf(LoadResult.Loaded.class);
      return ((LoadResult.Loaded) result).federation();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  static TokenExchange of(
      @Nullable Federation federation, InstantSource clock, List<ExchangeObserver> observers) {
    return of(federation, clock, observers, new JwtVerifier(clock), minter(clock));
  }

  static TokenExchange of(
      @Nullable Federation federation,
      InstantSource clock,
      List<ExchangeObserver> observers,
      CredentialVerifier verifier,
      TokenMinter minter) {
    return of(federation, clock, observers, verifier, minter, new SingleFlight<>(Runnable::run));
  }

  /** The same, with evaluations on threads of their own. */
  static TokenExchange threaded(
      @Nullable Federation federation,
      InstantSource clock,
      List<ExchangeObserver> observers,
      CredentialVerifier verifier,
      TokenMinter minter) {
    return of(federation, clock, observers, verifier, minter, new SingleFlight<>());
  }

  private static TokenExchange of(
      @Nullable Federation federation,
      InstantSource clock,
      List<ExchangeObserver> observers,
      CredentialVerifier verifier,
      TokenMinter minter,
      SingleFlight<CacheKey, SharedJudgement, Judged<IssuedToken>> flights) {
    return of(federation, clock, observers, verifier, minter, once(clock), flights);
  }

  /** The same, with its memory of used credentials and its threads. */
  static TokenExchange of(
      @Nullable Federation federation,
      InstantSource clock,
      List<ExchangeObserver> observers,
      CredentialVerifier verifier,
      TokenMinter minter,
      OnceOnly once,
      SingleFlight<CacheKey, SharedJudgement, Judged<IssuedToken>> flights) {
    Evaluations evaluations =
        new Evaluations(() -> Optional.ofNullable(federation), observers, clock);
    Admission admission = new Admission(TestAdmissionSettings.defaults().withPerCredential(0, 1));
    SharedEvaluations shared = shared(evaluations, flights, admission, clock);
    return of(evaluations, shared, admission, verifier, once, minter, clock);
  }

  /** What exchanges share, with its threads and its door. */
  static SharedEvaluations shared(
      Evaluations evaluations,
      SingleFlight<CacheKey, SharedJudgement, Judged<IssuedToken>> flights,
      Admission admission,
      InstantSource clock) {
    return new SharedEvaluations(
        evaluations,
        new TokenCache<>(TestCacheSettings.defaults(), CacheKey::scopes),
        flights,
        admission,
        clock,
        new TestExchangeSettings());
  }

  /** The exchange by what it shares. */
  static TokenExchange of(
      Evaluations evaluations,
      SharedEvaluations shared,
      Admission admission,
      CredentialVerifier verifier,
      OnceOnly once,
      TokenMinter minter,
      InstantSource clock) {
    TestDpopSettings dpop = TestDpopSettings.defaults();
    ProofVerifier proofs =
        new ProofVerifier(dpop, new Nonces(dpop, clock), SignatureProvider.automatic(), clock);
    return new TokenExchange(
        evaluations,
        new Proofs(evaluations, proofs, admission, Runnable::run),
        shared,
        admission,
        verifier,
        once,
        minter);
  }

  /** Exchanges on this thread, flights included, and waits for the answer. */
  static Exchanged exchange(TokenExchange exchange, ExchangeRequest request, Deadline deadline) {
    AtomicReference<@Nullable Exchanged> answer = new AtomicReference<>();
    exchange.exchange(request, deadline, TestHome.anywhere(), answer::set);
    return Objects.requireNonNull(answer.get());
  }

  static TokenMinter minter(InstantSource clock) {
    TestTokenSettings settings = TestTokenSettings.defaults();
    return new JwtMinter(new SigningKeys(settings, clock), settings, clock);
  }

  static OnceOnly once(InstantSource clock) {
    return new OnceOnly(new UsedCredentials(MAX_USED, clock));
  }

  static ExchangeRequest request(String audience, String credential, String... scopes) {
    return new ExchangeRequest(
        audience, credential, "", List.of(scopes), null, false, "grpc", "192.0.2.7");
  }

  static Deadline enough() {
    return Deadline.after(Duration.ofMinutes(1));
  }
}
