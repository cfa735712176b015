package dev.tokenbroker.telemetry;

import dev.tokenbroker.credential.UsedCredentials;
import dev.tokenbroker.exchange.AdmissionStatus;
import dev.tokenbroker.exchange.Intent;
import dev.tokenbroker.exchange.IssuedTokensStatus;
import dev.tokenbroker.federation.FederationStatus;
import dev.tokenbroker.issuer.IssuerSettings;
import dev.tokenbroker.jose.SignatureProvider;
import dev.tokenbroker.outbound.GuardSettings;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.signing.SigningKeys;
import dev.tokenbroker.signing.TokenSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;

/** Every meter that the broker can have, at least once. */
final class AllMeters {

  private AllMeters() {}

  static void register(MeterRegistry registry) {
    SteppedClock clock = new SteppedClock();
    ExchangeMeters exchanges = new ExchangeMeters(registry);
    exchanges.ended(Records.accepted(Intent.EXCHANGE));
    exchanges.ended(Records.refusedEarly(RefusalReason.REQUEST_INVALID));
    exchanges.ended(Records.refusedEarly(RefusalReason.INTERNAL_ERROR));
    new IssuerMeters(registry, Settings.defaults(IssuerSettings.class), clock)
        .follow(List.of(Issuers.named("github", new Issuers.Keys())));
    new UpstreamMeters(registry, Settings.defaults(GuardSettings.class))
        .follow(Map.of("sso", Guards::idle));
    new CacheMeters(registry, () -> new IssuedTokensStatus(0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        .register();
    new FlightMeters(registry, () -> 0, () -> 0, () -> 0).register();
    new AdmissionMeters(registry, () -> new AdmissionStatus(false, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        .register();
    new FederationMeters(registry)
        .follow(new FederationStatus("a".repeat(64), Records.TIME, Records.TIME, List.of(), 1, 0));
    new SigningKeyMeters(
            registry, new SigningKeys(Settings.defaults(TokenSettings.class), clock), clock)
        .follow();
    new UsedCredentialMeters(registry, new UsedCredentials(1, clock)).register();
    new ProofMeters(registry, ProofMetersTest.proofs(clock)).register();
    new LifecycleMeters(registry, () -> 0, () -> 1).register();
    new CryptoMeters(registry, SignatureProvider.jdk()).register();
  }
}
