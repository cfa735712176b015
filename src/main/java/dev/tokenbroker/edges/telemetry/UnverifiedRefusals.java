package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.AddressBlock;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps anonymous callers and strangers from filling the audit log. Refusals of credentials whose
 * signature was not verified, or that no rule admits to any target, get a line each up to {@value
 * #EACH} a second for each {@link AddressBlock}, and {@value #ALL} for all of them. The others are
 * counted, and get one line a second together. Holds at most {@value #MAX_ADDRESSES} addresses;
 * those beyond count as one. Safe for use by any number of threads.
 */
final class UnverifiedRefusals {

  static final int EACH = 20;
  static final int ALL = 200;
  static final int MAX_ADDRESSES = 1_000;

  /** Stands for the addresses for which there was no room. */
  private static final String OTHERS = "";

  private Map<String, Counted> byAddress = new HashMap<>(); // guarded by this
  private int lines; // of all addresses; guarded by this

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
    if (counted.lines < EACH && lines < ALL) {
      counted.lines++;
      lines++;
      return false;
    }
    counted.more.merge(reason, 1L, Long::sum);
    return true;
  }

  /**
   * Writes what was counted since the last call: a line for each address. Waits until all are
   * written; what is not written is counted on.
   */
  void write(Instant now, Function<byte[], CompletionStage<Void>> sink) {
    List<CompletableFuture<?>> lines = new ArrayList<>();
    ended()
        .forEach(
            (address, counted) -> {
              if (!counted.more.isEmpty()) {
                lines.add(
                    sink.apply(line(now, address, counted.more))
                        .whenComplete((_, lost) -> restore(address, lost == null ? null : counted))
                        .toCompletableFuture());
              }
            });
    CompletableFuture.allOf(lines.toArray(CompletableFuture[]::new)).join();
  }

  private synchronized void restore(String address, @Nullable Counted lost) {
    if (lost != null) {
      Counted now = byAddress.computeIfAbsent(address, _ -> new Counted());
      lost.more.forEach((reason, count) -> now.more.merge(reason, count, Long::sum));
    }
  }

  private synchronized Map<String, Counted> ended() {
    Map<String, Counted> ended = byAddress;
    byAddress = new HashMap<>();
    lines = 0;
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
          AuditLine.text(json, "peer", Evidence.clean(address));
        });
  }
}
