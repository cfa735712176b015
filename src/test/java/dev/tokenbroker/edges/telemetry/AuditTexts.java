package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import java.nio.charset.StandardCharsets;

/** Audit lines, for tests outside of this package. */
public final class AuditTexts {

  private AuditTexts() {}

  /** The line that is written of a record, with its line break. */
  public static String of(ExchangeRecord record) {
    return new String(AuditLine.line(record), StandardCharsets.US_ASCII);
  }
}
