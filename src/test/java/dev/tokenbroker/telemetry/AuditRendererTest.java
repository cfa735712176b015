package dev.tokenbroker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.exchange.Intent;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AuditRendererTest {

  private static final List<String> GOLDEN = Golden.lines("audit-lines.txt");

  private final AuditBytes bytes = new AuditBytes(0);
  private final AuditRenderer renderer = new AuditRenderer(bytes);

  @Test
  void gives_the_documented_lines() {
    Refusal refusal =
        Refusal.of(RefusalReason.AUDIENCE_MISMATCH)
            .expected("one of [https://broker.acme.example]")
            .seen("[https://broker.acme.example/]")
            .hint("aud differs by a trailing slash");
    renderer.add(Records.accepted(Intent.EXCHANGE));
    renderer.add(Records.accepted(Intent.EXPLAIN));
    renderer.add(Records.refusedFor("github", "repo:acme/payments", refusal));
    renderer.add(Records.refusedEarly(RefusalReason.REQUEST_INVALID));
    assertThat(text()).isEqualTo(String.join("\n", GOLDEN) + "\n");
  }

  @Test
  void gives_the_same_line_as_the_audit_log_for_any_text() {
    long seed = 20261124L;
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      String text = text(random);
      Refusal refusal =
          Refusal.of(RefusalReason.AUDIENCE_MISMATCH).expected(text).seen(text).hint(text(random));
      ExchangeRecord record = Records.refusedFor(text(random), text, refusal);
      assertThat(line(record))
          .as("seed %s round %s", seed, round)
          .isEqualTo(AuditLine.of(record) + "\n");
    }
  }

  @Test
  void gives_the_same_times_and_durations_as_the_audit_log() {
    long seed = 20261124L;
    Random random = new Random(seed);
    for (int round = 0; round < 20_000; round++) {
      ExchangeRecord record = at(time(random), Duration.ofNanos(random.nextLong() >>> 8));
      assertThat(line(record))
          .as("seed %s round %s", seed, round)
          .isEqualTo(AuditLine.of(record) + "\n");
    }
  }

  @Test
  void cuts_a_subject_as_the_audit_log_does() {
    Refusal refusal = Refusal.of(RefusalReason.AUDIENCE_MISMATCH);
    ExchangeRecord record = Records.refusedFor("github", "\uD83D\uDE00".repeat(2_000), refusal);
    assertThat(line(record)).isEqualTo(AuditLine.of(record) + "\n");
  }

  @Test
  @SuppressWarnings("NullAway") // A record that cannot be rendered is the point.
  void leaves_nothing_of_a_line_that_fails() {
    renderer.add(Records.accepted(Intent.EXCHANGE));
    ExchangeRecord record = Records.accepted(Intent.EXCHANGE);
    ExchangeRecord broken =
        new ExchangeRecord(
            record.verdict(),
            record.door(),
            record.peer(),
            record.credentialDigest(),
            record.credentialSubject(),
            record.tokenId(),
            record.tokenSubject(),
            null,
            record.tokenExpireTime(),
            record.duration());
    assertThatNullPointerException().isThrownBy(() -> renderer.add(broken));
    assertThat(text()).isEqualTo(GOLDEN.get(0) + "\n");
  }

  private String line(ExchangeRecord record) {
    bytes.cut(0);
    renderer.add(record);
    return text();
  }

  private String text() {
    return new String(bytes.array(), 0, bytes.length(), StandardCharsets.US_ASCII);
  }

  private static ExchangeRecord at(Instant time, Duration duration) {
    ExchangeRecord record = Records.accepted(Intent.EXCHANGE);
    Verdict verdict = record.verdict();
    return new ExchangeRecord(
        new Verdict(
            verdict.id(),
            time,
            verdict.intent(),
            verdict.reason(),
            verdict.federationRevision(),
            verdict.issuer(),
            verdict.rule(),
            verdict.target(),
            verdict.authentic(),
            verdict.steps(),
            verdict.hints(),
            verdict.notes()),
        record.door(),
        record.peer(),
        record.credentialDigest(),
        record.credentialSubject(),
        record.tokenId(),
        record.tokenSubject(),
        record.tokenScopes(),
        time.plusSeconds(600),
        duration);
  }

  // All three lengths of fractions, the years of tokens and some that are far off.
  private static Instant time(Random random) {
    long seconds =
        random.nextInt(8) == 0
            ? random.nextLong(-100_000_000_000L, 400_000_000_000L)
            : random.nextLong(1_795_000_000L, 1_795_000_200L);
    int[] steps = {1, 1_000, 1_000_000, 1_000_000_000};
    int step = steps[random.nextInt(steps.length)];
    return Instant.ofEpochSecond(seconds, random.nextInt(1_000_000_000 / step) * (long) step);
  }

  private static String text(Random random) {
    int bound = random.nextBoolean() ? 0x80 : 0x10000;
    return random
        .ints(random.nextInt(40), 0, bound)
        .map(c -> random.nextInt(4) == 0 ? 0xD800 + random.nextInt(0x800) : c)
        .collect(StringBuilder::new, (text, c) -> text.append((char) c), StringBuilder::append)
        .toString();
  }
}
