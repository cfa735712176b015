package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.ShadowFinding;
import dev.tokenbroker.edges.edge.ListenerFaults.Listener;
import dev.tokenbroker.edges.edge.ListenerFaults.ListenerFault;
import dev.tokenbroker.evaluate.exchange.EvaluationThreads.FlightsStatus;
import dev.tokenbroker.evaluate.exchange.admission.Admission.AdmissionStatus;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokensStatus;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.federation.FederationStatus;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.evaluate.revocation.TestRevocations;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TokenSettings;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.judge.issuer.FormerIssuers;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.operate.candidate.Candidate.CandidateCases;
import dev.tokenbroker.operate.candidate.Candidate.CandidateStatus;
import dev.tokenbroker.operate.candidate.ComparisonCounts;
import dev.tokenbroker.operate.recording.Recorder;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.oauth.TestOwnTokens;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.StoreHealth;
import dev.tokenbroker.peers.store.StoreNotices;
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
    exchanges.ended(Records.refusedEarly(RefusalReason.ISSUER_DISABLED));
    exchanges.ended(Records.refusedEarly(RefusalReason.CLIENT_DISABLED));
    exchanges.ended(Records.refusedEarly(RefusalReason.RULE_DISABLED));
    exchanges.ended(Records.refusedEarly(RefusalReason.KEYS_UNREACHABLE));
    exchanges.ended(Records.refusedEarly(RefusalReason.UPSTREAM_TOKEN_UNUSABLE));
    exchanges.ended(Records.refusedEarly(Intent.EXPLAIN, RefusalReason.TARGET_UNKNOWN));
    new ShadowMeters(registry)
        .ended(
            Records.shadowed(
                Records.accepted(Intent.EXCHANGE), new ShadowFinding("deploy-next", null)));
    new IssuerMeters(registry, Settings.defaults(IssuerSettings.class), clock)
        .follow(List.of(Issuers.named("github", new Issuers.Keys())));
    new UpstreamMeters(registry, Settings.defaults(GuardSettings.class))
        .follow(Map.of("sso", Guards.numbers(Guards::idle)));
    new OwnTokenMeters(registry)
        .follow(TestOwnTokens.broker(Settings.defaults(GuardSettings.class)).all());
    StateMeters states = new StateMeters(registry);
    states.register(StateMeters.CACHE, () -> new IssuedTokensStatus(0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    states.register(StateMeters.FLIGHTS, () -> new FlightsStatus(0, 0, 0));
    states.register(
        StateMeters.ADMISSION, () -> new AdmissionStatus(false, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    new FederationMeters(registry)
        .follow(new FederationStatus("a".repeat(64), Records.TIME, Records.TIME, List.of(), 1, 0));
    new SigningKeyMeters(
            registry,
            new SigningKeys(
                Settings.defaults(TokenSettings.class),
                SignatureProvider.automatic(),
                clock,
                ChangeListener.NONE),
            clock)
        .follow();
    UsedCredentials used = new UsedCredentials(1, clock);
    ProofVerifier proofs = ProofMetersTest.proofs(clock);
    states.register(StateMeters.ONCE_ONLY, () -> used);
    states.register(StateMeters.STORE, () -> new StoreHealth.Status(Map.of(), 0, 0, 0, 0));
    states.register(StateMeters.STORE_MEMORY, () -> new StoreNotices.Status(0, true));
    states.register(StateMeters.POSSESSION, () -> proofs);
    new LifecycleMeters(registry).register();
    Revocations revocations = new Revocations(TestRevocations.inMemory(), new OneReplica(), clock);
    states.register(StateMeters.REVOCATIONS, () -> revocations);
    Federation candidate =
        new Federation(
            "c".repeat(64),
            TrustedIssuers.of(List.of()),
            RegisteredClients.NONE,
            Policy.of(List.of(), List.of()),
            Map.of(),
            Records.TIME,
            List.of(),
            FormerIssuers.NONE);
    new CandidateMeters(
            registry,
            () ->
                new CandidateStatus(
                    candidate, null, List.of(), List.of(), new CandidateCases(0, 0, List.of())),
            new ComparisonCounts())
        .follow();
    states.register(StateMeters.ROSTER, () -> () -> 1);
    new ReplicaMeters(registry, new Roster(true, new OneReplica(), clock)).follow();
    states.register(StateMeters.perKind(BrokerMeter.CHANGES), () -> _ -> 0);
    states.register(StateMeters.perKind(BrokerMeter.CHANGES_JOINED), () -> _ -> 0);
    states.register(StateMeters.ofClient("gateway"), () -> 0L);
    states.register(StateMeters.of(Listener.HTTP, ListenerFault.TLS), () -> 0L);
    states.register(StateMeters.RECORDING, () -> new Recorder.Status(0, 0, 0));
    SignatureProvider jdk = SignatureProvider.jdk();
    states.register(List.of(StateMeters.provider(jdk)), () -> jdk);
  }
}
