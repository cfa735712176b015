package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.telemetry.AuditSettings.Destination;
import dev.tokenbroker.evaluate.exchange.ExchangeSettings;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.Logged;
import jakarta.enterprise.event.Shutdown;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AuditLogTest {

  private static final Logger CATEGORY = Logger.getLogger(AuditLog.CATEGORY);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @RegisterExtension final Logged logged = Logged.under(AuditLog.CATEGORY);
  private final AuditLog log =
      new AuditLog(() -> Destination.LOG, exchange(), InstantSource.system());

  @BeforeEach
  void listen() {
    CATEGORY.setLevel(Level.INFO);
  }

  @AfterEach
  void leave() {
    log.stop(new Shutdown());
    CATEGORY.setLevel(null);
  }

  @Test
  void writes_exactly_one_line_for_each_record_before_it_is_kept() {
    ExchangeRecord record = Records.accepted(Intent.EXCHANGE);
    keep(log, record).join();
    assertThat(logged.texts()).containsExactly(AuditTexts.of(record).stripTrailing());
    keep(log, record).join();
    assertThat(logged.records())
        .extracting(line -> line.getLevel().intValue())
        .containsExactly(Level.INFO.intValue(), Level.INFO.intValue());
  }

  @Test
  void takes_nothing_in_a_record_for_a_format() {
    ExchangeRecord record =
        Records.refusedFor("github", "100%s {0} %n", Refusal.of(RefusalReason.AUDIENCE_MISMATCH));
    keep(log, record).join();
    assertThat(logged.texts()).singleElement().asString().contains("\"100%s {0} %n\"");
  }

  @Test
  void fails_rather_than_drop_a_record() {
    CATEGORY.setLevel(Level.WARNING);
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> keep(log, Records.accepted(Intent.EXCHANGE)).join())
        .withCauseInstanceOf(IllegalStateException.class)
        .withMessageContaining(AuditLog.CATEGORY);
    assertThat(logged.texts()).isEmpty();
  }

  @Test
  void writes_records_in_the_order_in_which_they_end() {
    ExchangeRecord accepted = Records.accepted(Intent.EXCHANGE);
    ExchangeRecord refused = Records.refusedEarly(RefusalReason.REQUEST_INVALID);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    AuditLog toOutput = auditLog(new AuditStream(output)::write);

    CompletableFuture<Void> first = keep(toOutput, accepted);
    keep(toOutput, refused).join();

    assertThat(first).isCompleted();
    assertThat(output.toString(StandardCharsets.US_ASCII))
        .isEqualTo(AuditTexts.of(accepted) + AuditTexts.of(refused));
    assertThat(logged.texts()).isEmpty();
    toOutput.stop(new Shutdown());
  }

  @Test
  void writes_what_it_has_counted_when_it_stops_too() {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    AuditLog toOutput = auditLog(new AuditStream(output)::write);
    for (int at = 0; at < 100; at++) {
      keep(toOutput, Records.refusedEarly(RefusalReason.CREDENTIAL_MALFORMED)).join();
    }
    assertThat(output.toString(StandardCharsets.US_ASCII).lines()).hasSize(UnverifiedRefusals.EACH);

    toOutput.stop(new Shutdown());

    assertThat(output.toString(StandardCharsets.US_ASCII).lines())
        .hasSize(UnverifiedRefusals.EACH + 1)
        .last()
        .asString()
        .contains("\"count\":80");
  }

  @Test
  void keeps_no_thread_waiting_while_a_record_is_written() {
    Latch full = new Latch(1);
    AuditLog toPipe = auditLog(_ -> full.await());

    CompletableFuture<Void> kept = keep(toPipe, Records.accepted(Intent.EXCHANGE));

    assertThat(kept).isNotDone();
    full.countDown();
    kept.join();
    toPipe.stop(new Shutdown());
  }

  @Test
  void keeps_neither_record_nor_revocation_that_it_cannot_write() {
    AuditLog toFull =
        auditLog(
            _ -> {
              throw new IOException("No space left on device");
            });

    assertThat(keep(toFull, Records.accepted(Intent.EXCHANGE)).handle((_, why) -> why).join())
        .isInstanceOf(UncheckedIOException.class);
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> toFull.revocation(RevocationLineTest.refused()));
    toFull.stop(new Shutdown());
  }

  @Test
  void keeps_no_record_once_the_broker_has_stopped() {
    log.stop(new Shutdown());

    assertThat(keep(log, Records.accepted(Intent.EXCHANGE))).isCompletedExceptionally();
  }

  /** One that writes there. */
  static AuditLog auditLog(GroupCommit.Sink sink) {
    return new AuditLog(new GroupCommit("The test", sink, PATIENCE), InstantSource.system());
  }

  private static CompletableFuture<Void> keep(AuditLog log, ExchangeRecord record) {
    return Objects.requireNonNull(log.keep(record)).toCompletableFuture();
  }

  private static ExchangeSettings exchange() {
    return Settings.defaults(ExchangeSettings.class);
  }
}
