package dev.tokenbroker.command;

import dev.tokenbroker.command.doctor.CheckGroup;
import dev.tokenbroker.command.doctor.CheckGroup.CheckLine;
import dev.tokenbroker.command.doctor.CheckResult;
import dev.tokenbroker.command.report.Colour;
import dev.tokenbroker.command.report.Node;
import dev.tokenbroker.command.report.Node.Fact;
import dev.tokenbroker.command.report.Node.Result;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The report of {@code doctor}: a node for each group, and one below it for each check. */
final class DoctorOutput {

  private DoctorOutput() {}

  /**
   * The groups.
   *
   * @param failOnWarning whether a warning is a failure
   */
  static List<Node> of(List<CheckGroup> groups, boolean failOnWarning) {
    return groups.stream().map(group -> group(group, failOnWarning)).toList();
  }

  private static Node group(CheckGroup group, boolean failOnWarning) {
    List<Node> checks = group.checks().stream().map(one -> check(one, failOnWarning)).toList();
    return new Node(
        Result.NONE,
        group.name(),
        List.of(),
        List.of(),
        checks,
        new JsonObject().put("name", group.name()).put("checks", Node.values(checks)));
  }

  private static Node check(CheckLine checked, boolean failOnWarning) {
    return new Node(
        switch (checked.result()) {
          case PASSED -> Result.PASSED;
          case WARNING -> failOnWarning ? Result.FAILED : Result.WARNING;
          case FAILED -> Result.FAILED;
          case SKIPPED -> Result.SKIPPED;
        },
        checked.name(),
        List.of(new Fact(checked.code(), checked.detail())),
        List.of(new Fact("remedy", checked.remedy() + " See " + checked.check().link())),
        List.of(),
        new JsonObject()
            .put("code", checked.code())
            .put("name", checked.name())
            .put("result", checked.result().label())
            .put("detail", checked.detail())
            .put("remedy", checked.remedy())
            .put("link", checked.check().link()));
  }

  /** The groups for a person, with a mark for each check, causes and remedies. */
  static String text(List<CheckGroup> groups) {
    StringBuilder text = new StringBuilder();
    for (CheckGroup group : groups) {
      text.append(group.name()).append('\n');
      group.checks().forEach(checked -> text.append(line(checked)).append('\n'));
      text.append('\n');
    }
    return text.append(
            "%d passed, %d warnings, %d failed, %d skipped\n"
                .formatted(
                    count(groups, CheckResult.PASSED),
                    count(groups, CheckResult.WARNING),
                    count(groups, CheckResult.FAILED),
                    count(groups, CheckResult.SKIPPED)))
        .toString();
  }

  private static String line(CheckLine checked) {
    String line = checked.result().mark() + " " + checked.name();
    String after = checked.detail().isEmpty() ? "" : ": " + checked.detail();
    return switch (checked.result()) {
      case PASSED -> Colour.GREEN.of(line) + after;
      case SKIPPED -> Colour.FAINT.of(line + after);
      case WARNING -> Colour.YELLOW.of(line + ": " + checked.code()) + defect(checked);
      case FAILED -> Colour.RED.of(line + ": " + checked.code()) + defect(checked);
    };
  }

  private static String defect(CheckLine checked) {
    return "\n    cause:  %s\n    remedy: %s\n    see %s"
        .formatted(checked.detail(), checked.remedy(), checked.check().link());
  }

  private static long count(List<CheckGroup> groups, CheckResult result) {
    return groups.stream()
        .flatMap(group -> group.checks().stream())
        .filter(checked -> checked.result() == result)
        .count();
  }
}
