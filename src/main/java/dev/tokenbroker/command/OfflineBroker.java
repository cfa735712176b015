package dev.tokenbroker.command;

import dev.tokenbroker.credential.CredentialSettings;
import dev.tokenbroker.credential.JwtVerifier;
import dev.tokenbroker.exchange.AdmissionSettings;
import dev.tokenbroker.exchange.CacheSettings;
import dev.tokenbroker.exchange.ExchangeRequest;
import dev.tokenbroker.exchange.ExchangeSettings;
import dev.tokenbroker.exchange.OfflineJudge;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.federation.DocumentGate;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.FederationLoader;
import dev.tokenbroker.federation.LoadResult;
import dev.tokenbroker.federation.Problem;
import dev.tokenbroker.issuer.IssuerSettings;
import dev.tokenbroker.issuer.KeyLocation;
import dev.tokenbroker.issuer.KeySetSource;
import dev.tokenbroker.issuer.KeySources;
import dev.tokenbroker.jose.CryptoSettings;
import dev.tokenbroker.jose.SignatureProvider;
import dev.tokenbroker.oidc.OwnTokens;
import dev.tokenbroker.outbound.CallerAuthorities;
import dev.tokenbroker.outbound.GuardSettings;
import dev.tokenbroker.outbound.PeerGuards;
import dev.tokenbroker.outbound.ServerSettings;
import dev.tokenbroker.outbound.TlsSettings;
import dev.tokenbroker.outbound.UpstreamClient;
import dev.tokenbroker.outbound.UpstreamSettings;
import dev.tokenbroker.outcome.ChangeListener;
import dev.tokenbroker.possession.DpopSettings;
import dev.tokenbroker.possession.Nonces;
import dev.tokenbroker.possession.ProofVerifier;
import dev.tokenbroker.possession.UsedProofs;
import dev.tokenbroker.store.OneReplica;
import dev.tokenbroker.store.Roster;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The judging part of a broker, put together without the application server from the same classes
 * and settings. It starts networking only for a document with keys to fetch.
 */
final class OfflineBroker implements AutoCloseable {

  private final CommandSettings settings;
  private final InstantSource clock = Clock.systemUTC();
  private @Nullable Vertx vertx;
  private @Nullable KeySources fetched;

  OfflineBroker(CommandSettings settings) {
    this.settings = settings;
  }

  /**
   * The whole verdict; empty if the document has problems.
   *
   * @param problems receives those problems
   */
  Optional<Verdict> explain(
      Path document, ExchangeRequest request, Consumer<List<Problem>> problems) throws Failure {
    try {
      boolean httpToLoopback = settings.of(UpstreamSettings.class).allowHttpToLoopback();
      return switch (new FederationLoader(
              this::fetched, null, DocumentGate.OPEN, clock, httpToLoopback)
          .load(document)) {
        case LoadResult.Loaded loaded -> Optional.of(judge(loaded.federation()).explain(request));
        case LoadResult.Rejected rejected -> {
          problems.accept(rejected.problems());
          yield Optional.empty();
        }
      };
    } catch (IllegalArgumentException | IllegalStateException unfit) {
      // Each class checks the bounds of its own settings.
      throw CommandSettings.unfit(unfit);
    }
  }

  @Override
  public void close() {
    if (vertx != null) {
      var _ = vertx.close();
    }
  }

  private OfflineJudge judge(Federation federation) {
    SignatureProvider signatures = new SignatureProvider(settings.of(CryptoSettings.class));
    DpopSettings dpop = settings.of(DpopSettings.class);
    return new OfflineJudge(
        federation,
        new JwtVerifier(clock, signatures, settings.of(CredentialSettings.class)),
        new ProofVerifier(
            dpop,
            new Nonces(dpop, clock),
            signatures,
            new UsedProofs(dpop, new OneReplica()),
            clock),
        new OfflineJudge.Settings(
            settings.of(ExchangeSettings.class),
            settings.of(AdmissionSettings.class),
            settings.of(CacheSettings.class)),
        clock);
  }

  private KeySetSource fetched(KeyLocation location) {
    if (fetched == null) {
      vertx = ShortLivedVertx.start();
      UpstreamClient client =
          UpstreamClient.standalone(
              vertx,
              settings.of(UpstreamSettings.class),
              new CallerAuthorities(
                  settings.of(TlsSettings.class), settings.of(ServerSettings.class)),
              settings.of(TlsConfig.class));
      fetched =
          new KeySources(
              client,
              settings.of(IssuerSettings.class),
              OwnTokens.none(),
              new PeerGuards(
                  settings.of(GuardSettings.class),
                  new Roster(false, new OneReplica(), clock, System::nanoTime)),
              clock,
              ChangeListener.NONE);
    }
    return fetched.remote(location);
  }
}
