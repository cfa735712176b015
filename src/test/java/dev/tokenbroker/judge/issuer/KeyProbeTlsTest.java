package dev.tokenbroker.judge.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Probes of an issuer with TLS on loopback. */
@Timeout(60)
class KeyProbeTlsTest {

  private static final Duration EVERY = Duration.ofMinutes(5);

  /** Longer than any wait for a probe. */
  private static final Duration DUE = Duration.ofMinutes(7);

  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  @TempDir private Path directory;

  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock(Instant.now());
  @AutoClose private final FakeIssuer issuer = FakeIssuer.startTls();
  @AutoClose private PeerClient client;
  private RemoteKeys keys;

  @BeforeEach
  void trustTheIssuer() {
    issuer.clock(clock);
    client =
        PeerClients.reporting(
            vertx, Map.of("corp", issuer.tls().writeRoot(directory)), ChangeListener.NONE, clock);
    keys =
        new RemoteKeys(
            new KeyLocation(issuer.issuer(), null, "corp"),
            ScriptedIssuer.TIMES,
            KeySources.IssuerAccess.open(client::get),
            clock,
            flight -> Thread.ofVirtual().start(flight),
            ChangeListener.NONE);
  }

  @Test
  void a_probe_that_hangs_does_not_delay_a_caller() throws Exception {
    due().run();
    issuer.answer(FakeIssuer.Answer.HANG);
    int before = issuer.requests();
    Thread probe = Thread.ofVirtual().start(due());
    Eventually.until(issuer::requests, made -> made == before + 1);

    issuer.answer(FakeIssuer.Answer.GOOD);
    String fresh = issuer.addKey(SigningAlgorithm.ES256);
    assertThat(keys.keys(fresh, FAR)).isInstanceOf(Outcome.Accepted.class);
    assertThat(probe.isAlive()).isTrue();

    issuer.close();
    probe.join();
    assertThat(keys.failures(RefusalReason.KEYS_UNREACHABLE)).isEqualTo(1);
    assertThat(keys.publishes(fresh)).isTrue();
    assertThat(keys.status().lastFailure()).isNull();
  }

  private Runnable due() {
    clock.advance(DUE);
    return keys.dueProbe(EVERY).orElseThrow();
  }
}
