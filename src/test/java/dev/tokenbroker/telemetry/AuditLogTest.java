package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.exchange.Intent;
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

  private final Recorder recorder = new Recorder();
  private final AuditLog log = new AuditLog();

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
    log.ended(record);
    assertThat(recorder.messages).containsExactly(AuditLine.of(record));
    log.ended(record);
    assertThat(recorder.messages).hasSize(2);
  }

  @Test
  void takes_nothing_in_a_record_for_a_format() {
    ExchangeRecord record =
        Records.refusedFor(
            "github",
            "100%s {0} %n",
            dev.tokenbroker.outcome.Refusal.of(
                dev.tokenbroker.outcome.RefusalReason.AUDIENCE_MISMATCH));
    log.ended(record);
    assertThat(recorder.messages).singleElement().asString().contains("\"100%s {0} %n\"");
  }

  @Test
  void fails_rather_than_drop_a_record() {
    CATEGORY.setLevel(Level.WARNING);
    assertThatIllegalStateException()
        .isThrownBy(() -> log.ended(Records.accepted(Intent.EXCHANGE)))
        .withMessageContaining(AuditLog.CATEGORY);
    assertThat(recorder.messages).isEmpty();
  }

  private static final class Recorder extends Handler {
    private final List<String> messages = new ArrayList<>();

    @Override
    public void publish(LogRecord record) {
      assertThat(record.getLevel().intValue()).isEqualTo(Level.INFO.intValue());
      assertThat(record.getParameters()).isNullOrEmpty();
      messages.add(record.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
