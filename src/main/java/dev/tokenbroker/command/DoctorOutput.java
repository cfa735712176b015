package dev.tokenbroker.command;

import dev.tokenbroker.command.doctor.CheckGroup;
import dev.tokenbroker.command.doctor.CheckGroup.CheckLine;
import dev.tokenbroker.command.doctor.CheckResult;
import dev.tokenbroker.command.report.Node;
import dev.tokenbroker.command.report.Node.Fact;
import dev.tokenbroker.command.report.Node.Result;
import dev.tokenbroker.command.report.TextPrinter;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
        result(checked, failOnWarning),
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

  private static Result result(CheckLine checked, boolean failOnWarning) {
    return switch (checked.result()) {
      case PASSED -> Result.PASSED;
      case WARNING -> failOnWarning ? Result.FAILED : Result.WARNING;
      case FAILED -> Result.FAILED;
      case SKIPPED -> Result.SKIPPED;
    };
  }

  /** The groups for a person, with causes and remedies. */
  static String text(List<CheckGroup> groups) {
    String trees =
        groups.stream()
            .map(
                group ->
                    Node.of(group.name(), group.checks().stream().map(DoctorOutput::line).toList()))
            .map(TextPrinter::print)
            .collect(Collectors.joining("\n"));
    return "%s\n%d passed, %d warnings, %d failed, %d skipped\n"
        .formatted(
            trees,
            count(groups, CheckResult.PASSED),
            count(groups, CheckResult.WARNING),
            count(groups, CheckResult.FAILED),
            count(groups, CheckResult.SKIPPED));
  }

  private static Node line(CheckLine checked) {
    if (checked.result() == CheckResult.PASSED || checked.result() == CheckResult.SKIPPED) {
      String after = checked.detail().isEmpty() ? "" : ": " + checked.detail();
      return Node.leaf(result(checked, false), checked.name() + after);
    }
    List<Node> below =
        Stream.of(
                new Fact("cause", checked.detail()),
                new Fact("remedy", checked.remedy()),
                new Fact("see", checked.check().link()))
            .map(fact -> Node.leaf(fact.line()))
            .toList();
    return Node.of(result(checked, false), checked.name() + ": " + checked.code(), below);
  }

  private static long count(List<CheckGroup> groups, CheckResult result) {
    return groups.stream()
        .flatMap(group -> group.checks().stream())
        .filter(checked -> checked.result() == result)
        .count();
  }
}
