package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Takes a sample of the evaluations while somebody watches: of each second at most {@value
 * SampleShare#MOST} accepted and as many refused ones. An evaluation costs one volatile read while
 * nobody watches, and another one once its second has shown enough.
 *
 * <p>The queue holds what was taken since the feed last looked, so the shares bound it. Safe for
 * use by many threads.
 */
@Singleton
final class ExchangeSample implements ExchangeObserver {

  private final SampleShare accepted = new SampleShare();
  private final SampleShare refused = new SampleShare();
  private final SampleShare unverified = new SampleShare();
  private final Queue<ExchangeRecord> taken = new ConcurrentLinkedQueue<>();
  private volatile boolean watched;
  private int shown; // for the thread of the feed

  @Override
  public void ended(ExchangeRecord record) {
    if (!watched || record.verdict().intent() == Intent.REFRESH) {
      return;
    }
    if (share(record.verdict()).take()) {
      taken.add(record);
    }
  }

  /** Refusals that anybody can cause do not take the place of others. */
  private SampleShare share(Verdict verdict) {
    if (verdict.accepted()) {
      return accepted;
    }
    return verdict.authentic() ? refused : unverified;
  }

  /** Begins to take evaluations. */
  void begin() {
    taken.clear();
    shown = 0;
    nextSecond();
    watched = true;
  }

  /** Takes none from now on. */
  void end() {
    watched = false;
  }

  /** The lines of the evaluations that were taken since the last call. */
  List<LiveLine> taken() {
    List<LiveLine> lines = new ArrayList<>();
    for (ExchangeRecord record = taken.poll(); record != null; record = taken.poll()) {
      lines.add(line(record));
    }
    accepted.grantOne();
    refused.grantOne();
    unverified.grantOne();
    shown += lines.size();
    return lines;
  }

  /** Begins another second; returns how many evaluations the last one has shown. */
  int nextSecond() {
    int last = shown;
    shown = 0;
    accepted.beginSecond();
    refused.beginSecond();
    unverified.beginSecond();
    return last;
  }

  private static LiveLine line(ExchangeRecord record) {
    Verdict verdict = record.verdict();
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("event", "exchange");
    members.put("time", verdict.evaluationTime().toString());
    members.put("verdict_id", verdict.id());
    members.put("edge", record.edge());
    members.put("intent", verdict.intent().label());
    members.put("outcome", verdict.accepted() ? "accepted" : "refused");
    JsonBytes.putUnlessEmpty(
        members, "reason", verdict.reason() == null ? null : verdict.reason().name());
    JsonBytes.putUnlessEmpty(members, "issuer", verdict.issuer());
    JsonBytes.putUnlessEmpty(members, "client", verdict.client());
    JsonBytes.putUnlessEmpty(members, "rule", verdict.rule());
    JsonBytes.putUnlessEmpty(members, "target", verdict.target());
    JsonBytes.putUnlessEmpty(members, "upstream", record.upstream());
    members.put("cached", record.endedAtCache());
    members.put("micros", record.duration().toNanos() / 1_000);
    return LiveLine.of(members);
  }
}
