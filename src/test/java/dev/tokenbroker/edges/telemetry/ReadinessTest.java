package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.edges.edge.Readiness;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.federation.FederationStatus;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.TestClock;
import jakarta.enterprise.event.Shutdown;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadinessTest {

  private static final FederationStatus REFUSED_SINCE_THE_START =
      new FederationStatus(null, null, null, List.of(), 0, 1);

  private final SigningKeys keys =
      new SigningKeys(
          TestTokenSettings.defaults(),
          SignatureProvider.automatic(),
          new TestClock(),
          ChangeListener.NONE);

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void is_told_alike_by_every_probe(boolean federationLoaded, boolean canSign) {
    Readiness readiness = new Readiness(() -> federationLoaded, () -> canSign);

    Status federation =
        HealthChecks.federation(REFUSED_SINCE_THE_START, readiness.federationLoaded()).getStatus();
    Status key = HealthChecks.signingKey(keys, readiness).call().getStatus();

    assertThat(federation).isEqualTo(federationLoaded ? Status.UP : Status.DOWN);
    assertThat(key).isEqualTo(canSign ? Status.UP : Status.DOWN);
    assertThat(readiness.ready()).isEqualTo(federation == Status.UP && key == Status.UP);
  }

  @Test
  void goes_down_while_audit_records_are_not_written() {
    Latch stalled = new Latch(1);
    Latch begun = new Latch(1);
    AtomicLong now = new AtomicLong();
    GroupCommit lines =
        new GroupCommit(
            "The pipe",
            _ -> {
              begun.countDown();
              stalled.await();
            },
            Duration.ofSeconds(10),
            now::get,
            Duration.ofDays(1));
    AuditLog audit = new AuditLog(lines, new TestClock());
    Readiness readiness = new Readiness(() -> true, () -> true);
    var kept = Objects.requireNonNull(audit.keep(Records.accepted(Intent.EXCHANGE)));
    begun.await();

    now.addAndGet(Duration.ofMillis(GroupCommit.STALL_MILLIS).toNanos());
    lines.watch();
    readiness.recording(audit.isWriting());

    assertThat(HealthChecks.auditLog(audit).call().getStatus()).isEqualTo(Status.DOWN);
    assertThat(HealthChecks.auditLog(audit).call().getData().orElseThrow())
        .containsEntry("to", "The pipe");
    assertThat(readiness.ready()).isFalse();

    stalled.countDown();
    kept.toCompletableFuture().join();
    readiness.recording(audit.isWriting());

    assertThat(HealthChecks.auditLog(audit).call().getStatus()).isEqualTo(Status.UP);
    assertThat(readiness.ready()).isTrue();
    audit.stop(new Shutdown());
  }
}
