package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UnverifiedRefusalsTest {

  private final UnverifiedRefusals refusals = new UnverifiedRefusals();

  @Test
  void get_a_line_each_up_to_a_rate_and_one_line_together_beyond() {
    assertThat(counted(1_000, malformed())).isEqualTo(1_000 - UnverifiedRefusals.EACH);
    assertThat(counted(3, Records.refusedEarly(RefusalReason.REQUEST_INVALID))).isEqualTo(3);

    assertThat(lines()).containsExactly(Golden.lines("audit-lines.txt").getLast() + "\n");
  }

  @Test
  void begin_anew_each_second() {
    counted(100, malformed());
    assertThat(lines()).hasSize(1);

    assertThat(counted(UnverifiedRefusals.EACH, malformed())).isZero();
    assertThat(lines()).isEmpty();
  }

  @Test
  void leave_a_line_to_whatever_has_a_verified_signature() {
    ExchangeRecord verified =
        Records.refusedFor("github", "aud", Refusal.of(RefusalReason.NO_RULE_MATCHED));
    counted(1_000, malformed());

    assertThat(counted(1_000, Records.accepted(Intent.EXCHANGE))).isZero();
    assertThat(verified.verdict().authentic()).isTrue();
    assertThat(counted(1_000, verified)).isZero();
  }

  @Test
  void are_counted_on_where_their_line_is_not_written() {
    counted(100, malformed());
    assertThatThrownBy(
            () ->
                refusals.write(
                    Records.TIME,
                    _ -> CompletableFuture.failedStage(new IllegalStateException("full"))))
        .hasRootCauseMessage("full");

    assertThat(lines()).singleElement().asString().contains("\"count\":80");
  }

  private static ExchangeRecord malformed() {
    return Records.refusedEarly(RefusalReason.CREDENTIAL_MALFORMED);
  }

  private int counted(int times, ExchangeRecord record) {
    return (int) IntStream.range(0, times).filter(_ -> refusals.counts(record)).count();
  }

  private List<String> lines() {
    List<String> lines = new ArrayList<>();
    refusals.write(
        Records.TIME,
        line -> {
          lines.add(new String(line, StandardCharsets.US_ASCII));
          return CompletableFuture.completedStage(null);
        });
    return lines;
  }
}
