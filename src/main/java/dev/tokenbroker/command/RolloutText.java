package dev.tokenbroker.command;

import dev.tokenbroker.outcome.Evidence;
import dev.tokenbroker.v1.KeptRevision;
import dev.tokenbroker.v1.Rollout;
import java.util.ArrayList;
import java.util.List;

/** The revisions of a broker as a tree for a person. */
final class RolloutText {

  private final Tree tree;

  RolloutText(boolean coloured) {
    this.tree = new Tree(coloured);
  }

  /**
   * The tree; each line ends with a line break.
   *
   * @param headline what it shows
   */
  String of(String headline, Rollout rollout) {
    List<Tree.Branch> branches = new ArrayList<>();
    branches.add(fact("in force", orNone(rollout.getRevision()), 1));
    branches.add(fact("candidate", orNone(rollout.getCandidateRevision()), 1));
    if (!rollout.getKeepsHistory()) {
      branches.add(fact("history", "not kept: this broker can neither promote nor roll back", 1));
    }
    if (rollout.getKeptCount() > 0) {
      branches.add(
          new Tree.Branch("kept", rollout.getKeptList().stream().map(this::kept).toList()));
    }
    if (rollout.getProblemsCount() > 0) {
      branches.add(
          new Tree.Branch(
              "problems", rollout.getProblemsList().stream().map(tree::problem).toList()));
    }
    StringBuilder text = new StringBuilder(headline).append('\n');
    Tree.draw(branches, "", text);
    return text.toString();
  }

  private Tree.Branch kept(KeptRevision kept) {
    List<Tree.Branch> below = new ArrayList<>();
    String time = kept.hasTime() ? Times.seconds(kept.getTime()) : "";
    String by = kept.getBy().isEmpty() ? "" : " by " + kept.getBy();
    below.add(fact(Evidence.clean(kept.getAction()), time + by, 3));
    if (!kept.getReason().isEmpty()) {
      below.add(fact("reason", kept.getReason(), 3));
    }
    return new Tree.Branch(Evidence.clean(kept.getRevision()), below);
  }

  private static Tree.Branch fact(String name, String value, int level) {
    return Tree.Branch.leaf(Paragraph.of("%-12s".formatted(name), value, level));
  }

  private static String orNone(String revision) {
    return revision.isEmpty() ? "none" : revision;
  }
}
