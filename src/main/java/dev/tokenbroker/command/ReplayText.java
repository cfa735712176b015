package dev.tokenbroker.command;

import dev.tokenbroker.base.outcome.Evidence;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.recording.RecordedRequest;
import dev.tokenbroker.operate.recording.Recording;
import dev.tokenbroker.operate.recording.Replay;
import dev.tokenbroker.operate.recording.ReplayReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The result of a replay as a tree for a person. */
final class ReplayText {

  private static final int SHOWN = 20;

  private final Tree tree;
  private final Set<CandidateEffect> allowed;

  /**
   * @param allowed the changes that are not marked as wrong
   */
  ReplayText(boolean coloured, Set<CandidateEffect> allowed) {
    this.tree = new Tree(coloured);
    this.allowed = allowed;
  }

  /** Says how much the broker judged that the recording does not contain. */
  static String gaps(Recording recording) {
    return recording.lost() + recording.notKept() == 0
        ? ""
        : "the recording is a sample: %d requests not kept, %d not counted\n"
            .formatted(recording.notKept(), recording.lost());
  }

  String of(ReplayReport report) {
    List<Tree.Branch> branches = new ArrayList<>();
    for (CandidateEffect change : CandidateEffect.values()) {
      List<Replay.ReplayResult> results = report.results(change);
      String text =
          "%-15s %d distinct, %d requests"
              .formatted(change.label(), results.size(), report.requests(change));
      boolean good = results.isEmpty() || allowed.contains(change);
      String mark = good ? tree.paint(Tree.GREEN, "✓") : tree.paint(Tree.RED, "✗");
      List<Tree.Branch> below = change == CandidateEffect.UNCHANGED ? List.of() : results(results);
      branches.add(new Tree.Branch(mark + " " + text, below));
    }
    StringBuilder text = new StringBuilder("replay\n");
    Tree.draw(branches, "", text);
    return text.toString();
  }

  private static List<Tree.Branch> results(List<Replay.ReplayResult> results) {
    List<Tree.Branch> branches = new ArrayList<>();
    results.stream().limit(SHOWN).forEach(result -> branches.add(result(result)));
    if (results.size() > SHOWN) {
      branches.add(
          Tree.Branch.leaf("and %d more; --json shows all".formatted(results.size() - SHOWN)));
    }
    return branches;
  }

  private static Tree.Branch result(Replay.ReplayResult result) {
    RecordedRequest request = result.line().request();
    return new Tree.Branch(
        Evidence.clean(
            "%d × %s → %s: %s"
                .formatted(
                    result.line().count(), request.issuer(), request.target(), claims(request))),
        List.of(
            Tree.Branch.leaf("before   " + Evidence.clean(result.before())),
            Tree.Branch.leaf(
                (result.change() == CandidateEffect.NOT_REPLAYABLE ? "unknown  " : "after    ")
                    + Evidence.clean(result.after()))));
  }

  private static String claims(RecordedRequest request) {
    return new TreeMap<>(request.claims())
        .entrySet().stream()
            .map(claim -> claim.getKey() + "=" + claim.getValue())
            .collect(Collectors.joining(", "));
  }
}
