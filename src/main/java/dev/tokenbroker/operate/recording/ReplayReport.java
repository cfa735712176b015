package dev.tokenbroker.operate.recording;

import dev.tokenbroker.operate.cases.CandidateEffect;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The results of a replay by change, those with the most requests first. Built once. */
public final class ReplayReport {

  private final Map<CandidateEffect, List<Replay.ReplayResult>> results =
      new EnumMap<>(CandidateEffect.class);
  private final Map<CandidateEffect, Long> requests = new EnumMap<>(CandidateEffect.class);

  private ReplayReport() {}

  /** Judges each request of a recording. */
  public static ReplayReport of(Recording recording, Replay replay) {
    ReplayReport report = new ReplayReport();
    for (CandidateEffect change : CandidateEffect.values()) {
      report.results.put(change, new ArrayList<>());
      report.requests.put(change, 0L);
    }
    for (RecordedRequest.Line line : recording.lines()) {
      Replay.ReplayResult result = replay.judge(line);
      report.results.getOrDefault(result.change(), new ArrayList<>()).add(result);
      report.requests.merge(result.change(), line.count(), Long::sum);
    }
    report
        .results
        .values()
        .forEach(
            list ->
                list.sort(
                    Comparator.comparingLong((Replay.ReplayResult result) -> result.line().count())
                        .reversed()));
    return report;
  }

  /** The distinct requests with that change. */
  public List<Replay.ReplayResult> results(CandidateEffect change) {
    return results.getOrDefault(change, List.of());
  }

  /** The total count of requests with that change. */
  public long requests(CandidateEffect change) {
    return requests.getOrDefault(change, 0L);
  }
}
