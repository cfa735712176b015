package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.outcome.AddressBlock;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.evaluate.exchange.ExchangeRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps anonymous callers from filling the audit log. Refusals of credentials whose signature was
 * not verified get a line each up to {@value #EACH} a second for each {@link AddressBlock}. The
 * others are counted, and get one line a second together. Holds at most {@value #MAX_ADDRESSES}
 * addresses; those beyond count as one. Safe for use by any number of threads.
 */
final class UnverifiedRefusals {

  static final int EACH = 20;
  static final int MAX_ADDRESSES = 1_000;

  /** Stands for the addresses for which there was no room. */
  private static final String OTHERS = "";

  private Map<String, Counted> byAddress = new HashMap<>(); // guarded by this

  private static final class Counted {
    private int lines;
    private final Map<RefusalReason, Long> more = new EnumMap<>(RefusalReason.class);
  }

  /** Whether the record gets no line of its own; it is counted then. */
  boolean counts(ExchangeRecord record) {
    RefusalReason reason = record.verdict().reason();
    return reason != null
        && !record.verdict().authentic()
        && counts(AddressBlock.of(record.peer()), reason);
  }

  private synchronized boolean counts(String address, RefusalReason reason) {
    String block =
        byAddress.size() < MAX_ADDRESSES || byAddress.containsKey(address) ? address : OTHERS;
    Counted counted = byAddress.computeIfAbsent(block, _ -> new Counted());
    if (counted.lines < EACH) {
      counted.lines++;
      return false;
    }
    counted.more.merge(reason, 1L, Long::sum);
    return true;
  }

  /** The lines of the second that ends now: one for each address with counted refusals. */
  List<byte[]> lines(Instant now) {
    List<byte[]> lines = new ArrayList<>();
    ended()
        .forEach(
            (address, counted) -> {
              if (!counted.more.isEmpty()) {
                lines.add(line(now, address, counted.more));
              }
            });
    return lines;
  }

  private synchronized Map<String, Counted> ended() {
    Map<String, Counted> ended = byAddress;
    byAddress = new HashMap<>();
    return ended;
  }

  private static byte[] line(Instant now, String address, Map<RefusalReason, Long> reasons) {
    return AuditLine.line(
        json -> {
          json.writeStringField("time", now.toString());
          json.writeStringField("intent", "counted");
          json.writeStringField("outcome", "refused");
          json.writeNumberField(
              "count", reasons.values().stream().mapToLong(Long::longValue).sum());
          json.writeObjectFieldStart("reasons");
          for (Map.Entry<RefusalReason, Long> each : reasons.entrySet()) {
            json.writeNumberField(each.getKey().name(), each.getValue());
          }
          json.writeEndObject();
          AuditLine.text(json, "peer", address);
        });
  }
}
