package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.exchange.Intent;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.telemetry.AuditSettings.Destination;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuditLogTest {

  private static final Logger CATEGORY = Logger.getLogger(AuditLog.CATEGORY);
  private static final Logger OWN = Logger.getLogger(AuditLog.class.getName());

  private final Recorder recorder = new Recorder();
  private final AuditLog log = new AuditLog(() -> Destination.LOG);

  @BeforeEach
  void listen() {
    CATEGORY.setLevel(Level.INFO);
    CATEGORY.addHandler(recorder);
  }

  @AfterEach
  void leave() {
    CATEGORY.removeHandler(recorder);
    CATEGORY.setLevel(null);
  }

  @Test
  void writes_exactly_one_line_for_each_record_before_it_returns() {
    ExchangeRecord record = Records.accepted(Intent.EXCHANGE);
    log.keep(List.of(record));
    assertThat(recorder.messages).containsExactly(AuditLine.of(record));
    log.keep(List.of(record));
    assertThat(recorder.messages).hasSize(2);
  }

  @Test
  void takes_nothing_in_a_record_for_a_format() {
    ExchangeRecord record =
        Records.refusedFor("github", "100%s {0} %n", Refusal.of(RefusalReason.AUDIENCE_MISMATCH));
    log.keep(List.of(record));
    assertThat(recorder.messages).singleElement().asString().contains("\"100%s {0} %n\"");
  }

  @Test
  void fails_rather_than_drop_a_record() {
    CATEGORY.setLevel(Level.WARNING);
    assertThatIllegalStateException()
        .isThrownBy(() -> log.keep(List.of(Records.accepted(Intent.EXCHANGE))))
        .withMessageContaining(AuditLog.CATEGORY);
    assertThat(recorder.messages).isEmpty();
  }

  @Test
  void writes_those_that_end_together_to_standard_output_in_their_order() {
    ExchangeRecord accepted = Records.accepted(Intent.EXCHANGE);
    ExchangeRecord refused = Records.refusedEarly(RefusalReason.REQUEST_INVALID);
    ByteArrayOutputStream output = new ByteArrayOutputStream();

    new AuditLog(Destination.STDOUT, output).keep(List.of(accepted, refused));

    assertThat(output.toString(StandardCharsets.US_ASCII))
        .isEqualTo(AuditLine.of(accepted) + "\n" + AuditLine.of(refused) + "\n");
    assertThat(recorder.messages).isEmpty();
  }

  @Test
  void says_once_that_standard_output_takes_nothing_and_once_that_it_does_again() {
    Stuck output = new Stuck();
    AuditLog toStuck = new AuditLog(Destination.STDOUT, output);
    List<ExchangeRecord> records = List.of(Records.accepted(Intent.EXCHANGE));
    Ears ears = new Ears();
    OWN.addHandler(ears);
    try {
      for (int time = 0; time < 2; time++) {
        output.full = true;
        for (int at = 0; at < 3; at++) {
          assertThatExceptionOfType(UncheckedIOException.class)
              .isThrownBy(() -> toStuck.keep(records));
        }
        output.full = false;
        toStuck.keep(records);
        toStuck.keep(records);
      }
    } finally {
      OWN.removeHandler(ears);
    }
    String broken =
        "Standard output takes no audit lines, so that what they record is refused:"
            + " java.io.IOException: No space left on device";
    String mended = "Standard output takes audit lines again";
    assertThat(ears.messages).containsExactly(broken, mended, broken, mended);
  }

  /** Takes nothing while it is full. */
  private static final class Stuck extends OutputStream {

    private boolean full;

    @Override
    public void write(int b) throws IOException {
      if (full) {
        throw new IOException("No space left on device");
      }
    }
  }

  private static class Ears extends Handler {
    final List<String> messages = new ArrayList<>();

    @Override
    public void publish(LogRecord record) {
      messages.add(record.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private static final class Recorder extends Ears {

    @Override
    public void publish(LogRecord record) {
      assertThat(record.getLevel().intValue()).isEqualTo(Level.INFO.intValue());
      assertThat(record.getParameters()).isNullOrEmpty();
      super.publish(record);
    }
  }
}
