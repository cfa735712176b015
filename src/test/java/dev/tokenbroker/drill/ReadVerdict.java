package dev.tokenbroker.drill;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A verdict, as an operator reads it.
 *
 * @param members its JSON; none where the request has no verdict
 */
record ReadVerdict(Map<String, Object> members) {

  static final ReadVerdict NONE = new ReadVerdict(Map.of());

  /** What the failed step expected and saw, then hints and notes, a line each. */
  String evidence() {
    List<String> lines = new ArrayList<>();
    failedSteps()
        .forEach(step -> lines.addAll(List.of(text(step, "expected"), text(step, "seen"))));
    lines.addAll(list("hints"));
    lines.addAll(notes());
    return String.join("\n", lines);
  }

  String remedy() {
    return members.get("remedy") + "\n" + String.join("\n", list("hints"));
  }

  /** For operators only. */
  List<String> notes() {
    return list("notes");
  }

  List<String> seen() {
    return failedSteps().map(step -> text(step, "seen")).toList();
  }

  private Stream<Map<?, ?>> failedSteps() {
    List<?> steps = members.get("steps") instanceof List<?> list ? list : List.of();
    return steps.stream()
        .<Map<?, ?>>map(step -> (Map<?, ?>) step)
        .filter(step -> "failed".equals(step.get("result")));
  }

  private List<String> list(String member) {
    return members.get(member) instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of();
  }

  private static String text(Map<?, ?> step, String member) {
    return step.get(member) instanceof String text ? text : "";
  }
}
