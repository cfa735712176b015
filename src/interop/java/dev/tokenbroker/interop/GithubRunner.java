package dev.tokenbroker.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** A runner of GitHub Actions, as far as an action in JavaScript sees it. */
final class GithubRunner {

  private static final Path ACTION = CiJob.ACTIONS.resolve("github");
  private static final List<String> FILES = List.of("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STATE");

  private final CiJob job;
  private final Answer action;

  GithubRunner(CiJob job) {
    this.job = job;
    try {
      this.action = CiJob.yaml(Files.readString(ACTION.resolve("action.yml")));
      for (String file : FILES) {
        job.with(file, Files.createFile(job.file(file)).toString());
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Runs the main step with these inputs, the later ones in place of earlier ones. */
  @SafeVarargs
  final CiJob.Ended main(Map<String, String>... inputs) {
    return mainWith(Map.of(), inputs);
  }

  /** Runs the main step with these inputs, all of them declared, and then these variables. */
  @SafeVarargs
  final CiJob.Ended mainWith(Map<String, String> variables, Map<String, String>... inputs) {
    action.object("inputs").keySet().forEach(name -> input(name, ""));
    for (Map<String, String> some : inputs) {
      if (!action.object("inputs").keySet().containsAll(some.keySet())) {
        throw new AssertionError("the action declares not all of " + some.keySet());
      }
      some.forEach(this::input);
    }
    variables.forEach(job::with);
    return run("main");
  }

  private void input(Object name, String value) {
    job.with("INPUT_" + name.toString().toUpperCase(Locale.ROOT), value);
  }

  /** Runs the post step with what the main step left for it. */
  CiJob.Ended post() {
    return postWith(Map.of());
  }

  /** Runs the post step with what the main step left for it, changed. */
  CiJob.Ended postWith(Map<String, String> changes) {
    given("GITHUB_STATE").forEach((name, value) -> job.with("STATE_" + name, value));
    changes.forEach((name, value) -> job.with("STATE_" + name, value));
    return run("post");
  }

  private CiJob.Ended run(String step) {
    return job.run(List.of("node", ACTION.resolve(action.text("runs", step)).toString()));
  }

  /** An output, which must be there. */
  String output(String name) {
    return Objects.requireNonNull(outputs().get(name), name);
  }

  /** The outputs, all of them declared. */
  Map<String, String> outputs() {
    Map<String, String> outputs = given("GITHUB_OUTPUT");
    if (!action.object("outputs").keySet().containsAll(outputs.keySet())) {
      throw new AssertionError("the action declares not all of " + outputs.keySet());
    }
    return outputs;
  }

  /**
   * What a step left in a file of the runner: for each value a line with its name and a delimiter,
   * the lines of the value, and the delimiter alone.
   */
  Map<String, String> given(String file) {
    Map<String, String> values = new LinkedHashMap<>();
    Iterator<String> lines = job.read(file).lines().iterator();
    while (lines.hasNext()) {
      String[] head = lines.next().split("<<", 2);
      StringBuilder value = new StringBuilder();
      String line = lines.next();
      while (!line.equals(head[1])) {
        value.append(value.isEmpty() ? "" : "\n").append(line);
        line = Objects.requireNonNull(lines.next());
      }
      values.put(head[0], value.toString());
    }
    return values;
  }
}
