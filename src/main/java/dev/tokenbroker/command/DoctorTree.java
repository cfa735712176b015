package dev.tokenbroker.command;

import dev.tokenbroker.command.doctor.CheckGroup;
import dev.tokenbroker.command.doctor.CheckGroup.CheckLine;
import dev.tokenbroker.command.doctor.CheckResult;
import java.util.List;

/**
 * The report of {@code doctor} for a person: groups, a mark for each check, causes and remedies.
 */
final class DoctorTree {

  private static final String YELLOW = "\u001B[33m";

  private final Tree tree;

  DoctorTree(boolean coloured) {
    this.tree = new Tree(coloured);
  }

  /** The whole report; each line ends with a line break. */
  String of(List<CheckGroup> groups) {
    StringBuilder text = new StringBuilder();
    for (CheckGroup group : groups) {
      text.append(group.name()).append('\n');
      group.checks().forEach(checked -> line(checked, text));
      text.append('\n');
    }
    return text.append(summary(groups)).append('\n').toString();
  }

  private void line(CheckLine checked, StringBuilder text) {
    String line = checked.result().mark() + " " + checked.name();
    switch (checked.result()) {
      case PASSED -> text.append(tree.paint(Tree.GREEN, line)).append(after(checked)).append('\n');
      case SKIPPED -> text.append(tree.paint(Tree.FAINT, line + after(checked))).append('\n');
      case WARNING -> defect(YELLOW, checked, text);
      case FAILED -> defect(Tree.RED, checked, text);
    }
  }

  private static String after(CheckLine checked) {
    return checked.detail().isEmpty() ? "" : ": " + checked.detail();
  }

  private void defect(String colour, CheckLine checked, StringBuilder text) {
    text.append(
            tree.paint(
                colour, checked.result().mark() + " " + checked.name() + ": " + checked.code()))
        .append("\n    cause:  ")
        .append(checked.detail())
        .append("\n    remedy: ")
        .append(checked.remedy())
        .append("\n    see ")
        .append(checked.check().link())
        .append('\n');
  }

  private static String summary(List<CheckGroup> groups) {
    return "%d passed, %d warnings, %d failed, %d skipped"
        .formatted(
            count(groups, CheckResult.PASSED),
            count(groups, CheckResult.WARNING),
            count(groups, CheckResult.FAILED),
            count(groups, CheckResult.SKIPPED));
  }

  private static long count(List<CheckGroup> groups, CheckResult result) {
    return groups.stream()
        .flatMap(group -> group.checks().stream())
        .filter(checked -> checked.result() == result)
        .count();
  }
}
