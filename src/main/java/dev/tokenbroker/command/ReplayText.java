package dev.tokenbroker.command;

import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.rehearsal.CandidateEffect;
import dev.tokenbroker.rehearsal.Mutations;
import dev.tokenbroker.rehearsal.RecordedRequest;
import dev.tokenbroker.rehearsal.Recording;
import dev.tokenbroker.rehearsal.Replay;
import dev.tokenbroker.rehearsal.ReplayReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The result of a replay as a tree for a person. */
final class ReplayText {

  private static final int SHOWN = 20;
  private static final int KEYED_CHARS = 14;

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
    Map<String, String> shown = new TreeMap<>();
    request.clear().forEach((name, value) -> shown.put(name, value.toString()));
    request.keyed().forEach((name, value) -> shown.put(name, shortened(value.toString())));
    return shown.entrySet().stream()
        .map(claim -> claim.getKey() + "=" + claim.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String shortened(String keyed) {
    return "[keyed]" + (keyed.length() > KEYED_CHARS ? keyed.substring(0, KEYED_CHARS) : keyed);
  }

  private static String described(Mutations.MutationTally tally) {
    if (tally.accepted() > 0) {
      return "%d of %d still accepted with another value"
          .formatted(tally.accepted(), tally.changed());
    }
    return tally.unknown() == 0
        ? "bounds it"
        : "not known for %d of %d".formatted(tally.unknown(), tally.changed());
  }

  /** The claims by which each rule is bound, and those by which it is not. */
  static String of(Mutations mutations) {
    List<Tree.Branch> branches = new ArrayList<>();
    mutations
        .rules()
        .forEach(
            (rule, claims) -> {
              List<Tree.Branch> below = new ArrayList<>();
              claims.forEach(
                  (claim, tally) ->
                      below.add(
                          Tree.Branch.leaf(
                              "%-20s %s".formatted(Evidence.clean(claim), described(tally)))));
              branches.add(new Tree.Branch(Evidence.clean(rule), below));
            });
    StringBuilder text = new StringBuilder("mutations\n");
    Tree.draw(branches, "", text);
    return text.toString();
  }
}
