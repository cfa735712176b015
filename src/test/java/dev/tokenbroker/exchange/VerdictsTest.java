package dev.tokenbroker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outcome.Trail;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VerdictsTest {

  private static final int MAX = 100;

  private final Verdicts verdicts = new Verdicts(new Settings());

  /** The defaults but for the number of verdicts. */
  private static final class Settings implements ExchangeSettings {
    @Override
    public Duration maxDuration() {
      return Duration.ofSeconds(10);
    }

    @Override
    public int maxVerdicts() {
      return MAX;
    }

    @Override
    public Duration verdictTtl() {
      return Duration.ofHours(1);
    }

    @Override
    public boolean operatorsOnLoopback() {
      return false;
    }
  }

  @Test
  void finds_a_verdict_by_its_id() {
    ExchangeRecord record = record("v1");
    verdicts.ended(record);

    assertThat(verdicts.find("v1")).containsSame(record.verdict());
    assertThat(verdicts.find("V1")).isEmpty();
    assertThat(verdicts.find("")).isEmpty();
  }

  @Test
  void keeps_no_more_than_it_is_told_to() {
    int many = 50 * MAX;
    IntStream.range(0, many).forEach(at -> verdicts.ended(record("v" + at)));

    // Caffeine evicts in the background but never lets its backlog of writes grow past its buffer.
    long kept = IntStream.range(0, many).filter(at -> verdicts.find("v" + at).isPresent()).count();
    assertThat(kept).isBetween(1L, 20L * MAX);
  }

  private static ExchangeRecord record(String id) {
    Verdict verdict =
        Verdict.of(id, Instant.EPOCH, Intent.EXCHANGE, "", "payments-api", new Trail());
    return new ExchangeRecord(
        verdict, "grpc", "", "", null, null, null, List.of(), null, Duration.ZERO);
  }
}
