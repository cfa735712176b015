package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.LongStream;

/** The memory of a timeline that is full, with the longest texts; for benchmarks. */
public final class FullTimeline {

  private static final Logger LOG = Logger.getLogger(ChangeLog.CATEGORY);

  private FullTimeline() {}

  /** Counters as a broker has them. */
  public static RefusalHistory history() {
    return new RefusalHistory(Clocks.system(), () -> Set.of());
  }

  /** Fills one part after the other, and prints what each takes. */
  public static void report() {
    LOG.setLevel(Level.OFF);
    long begin = used();
    ChangeLog log = new ChangeLog(Optional::empty, InstantSource.system(), _ -> Optional.empty());
    for (int at = 0; at < ChangeLog.MAX_EVENTS; at++) {
      log.changed(change(at));
      ChangeEvent event = log.events().getLast();
      log.join(event, risen(), risen());
    }
    begin = print(ChangeLog.MAX_EVENTS + " events", begin);
    RefusalHistory history = history();
    for (int at = 0; at < RefusalHistory.MAX_COUNTERS; at++) {
      history.count(
          new RefusalEvidence(
              new RefusedPeer(SubjectKind.ISSUER, "issuer-" + at),
              RefusalReason.KEY_UNKNOWN,
              true,
              "",
              "",
              "",
              Clue.none()));
    }
    begin = print(RefusalHistory.MAX_COUNTERS + " counters of refusals", begin);
    for (int at = 0; at < ChangeLog.MAX_WATCHES; at++) {
      ChangeWatch watch = new ChangeWatch();
      watch.belongTo("operator-" + at, ChangeWatch.LIFETIME, () -> false);
      log.follow(watch);
    }
    for (int at = 0; at < ChangeWatch.MAX_QUEUED; at++) {
      log.changed(change(at));
    }
    print(ChangeLog.MAX_WATCHES + " full queues of streams, over the events", begin);
    // Used once more, so that nothing was collected before.
    System.out.printf(
        "held: %d events, %d counters%n", log.events().size(), history.counted().size());
  }

  private static List<RisenRefusals> risen() {
    return LongStream.range(0, Correlation.MAX_JOINED)
        .mapToObj(more -> new RisenRefusals("github", RefusalReason.KEY_UNKNOWN, 0, more, 40))
        .toList();
  }

  private static Change change(int at) {
    // Two bytes a character.
    String longest = "\u0416".repeat(Refusal.MAX_EVIDENCE_CHARS - 8) + at;
    return Change.ofIssuer(ChangeKind.KEY_REPLACED, longest, longest + 'a', longest + 'b');
  }

  private static long print(String what, long before) {
    long now = used();
    System.out.printf("%s: %.1f MiB%n", what, (now - before) / (double) (1 << 20));
    return now;
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    for (int at = 0; at < 5; at++) {
      runtime.gc();
    }
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
