package dev.tokenbroker.command;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.CryptoSettings;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.evaluate.exchange.OfflineJudge;
import dev.tokenbroker.evaluate.exchange.admission.AdmissionSettings;
import dev.tokenbroker.evaluate.exchange.cache.CacheSettings;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.judge.credential.CredentialSettings;
import dev.tokenbroker.judge.credential.JwtVerifier;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.issuer.KeyLocation;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySources;
import dev.tokenbroker.judge.possession.DpopSettings;
import dev.tokenbroker.judge.possession.Nonces;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.UsedProofs;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.guard.PeerGuards;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.oauth.OwnTokens;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.trust.CallerAuthorities;
import dev.tokenbroker.peers.trust.ServerSettings;
import dev.tokenbroker.peers.trust.TlsSettings;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.Vertx;
import java.nio.file.Path;
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
  private final Clocks clock = Clocks.system();
  private @Nullable Vertx vertx;
  private @Nullable KeySources fetched;

  OfflineBroker(CommandSettings settings) {
    this.settings = settings;
  }

  /**
   * The whole verdict; empty if the document has problems.
   *
   * @param client the registered client that the request is judged for; null for none
   * @param problems receives those problems
   */
  Optional<Verdict> explain(
      Path document,
      ExchangeRequest request,
      @Nullable String client,
      Consumer<List<Problem>> problems)
      throws Failure {
    try {
      return switch (new FederationLoader(
              this::fetched, null, DocumentGate.OPEN, clock, settings.surroundings())
          .load(document)) {
        case LoadResult.Loaded loaded ->
            Optional.of(judge(loaded.federation()).explain(request, client));
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
      vertx.close();
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
            new UsedProofs(dpop, new OneReplica(), clock),
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
      PeerClient client =
          PeerClient.standalone(
              vertx,
              settings.of(PeerSettings.class),
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
                  new Roster(false, new OneReplica(), clock),
                  clock),
              clock,
              ChangeListener.NONE);
    }
    return fetched.remote(location);
  }
}
