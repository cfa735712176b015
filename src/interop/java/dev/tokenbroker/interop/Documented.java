package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** An example that a document prints for others to copy, as the document prints it. */
final class Documented {

  /** The broker's URL in all documents. */
  static final String ADDRESS = "https://broker.acme.example";

  private Documented() {}

  /** The gRPC service config of clients.md for a caller that rather waits than learns why. */
  static Map<String, Object> patientServiceConfig() {
    String printed = block("use/clients.md", "json", "\"loadBalancingConfig\"");
    try {
      return JSONObjectUtils.parse(
          changed(printed, Map.of("\"timeout\": \"5s\"", "\"timeout\": \"30s\"")));
    } catch (ParseException broken) {
      throw new AssertionError(broken);
    }
  }

  /** The settings of a block with that text. */
  static Map<String, String> settings(String document, String text) {
    return block(document, "properties", text)
        .lines()
        .map(line -> line.split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }

  /** The settings of a block with that text, with what a test must change in their values. */
  static Map<String, String> settings(String document, String text, Map<String, String> changes) {
    Map<String, String> settings = new HashMap<>(settings(document, text));
    settings.replaceAll(
        (key, value) ->
            changes.entrySet().stream()
                .reduce(
                    value,
                    (changed, change) -> changed.replace(change.getKey(), change.getValue()),
                    (one, other) -> other));
    return settings;
  }

  /** A text as it is compared with a program, whose lines a formatter breaks. */
  static String withoutSpaces(String text) {
    return text.replaceAll("\\s+", "");
  }

  /**
   * Runs the commands of a console block, other than those of sudo, as a shell does.
   *
   * @param directory where they run
   * @param text what only that block has
   */
  static void run(Path directory, String document, String text) {
    String commands =
        block(document, "console", text)
            .lines()
            .filter(line -> !line.startsWith("$ sudo "))
            .map(line -> line.startsWith("$ ") ? line.substring(2) : line)
            .collect(Collectors.joining("\n"));
    try {
      Process shell =
          new ProcessBuilder("sh", "-exc", commands)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .start();
      String printed = new String(shell.getInputStream().readAllBytes(), UTF_8);
      if (shell.waitFor() != 0) {
        throw new AssertionError("the commands of " + document + " failed: " + printed);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  /** The text with what a test must change in it; each change must change something. */
  static String changed(String text, Map<String, String> changes) {
    String result = text;
    for (Map.Entry<String, String> change : changes.entrySet()) {
      if (!text.contains(change.getKey())) {
        throw new AssertionError(change.getKey() + " is not in " + text);
      }
      result = result.replace(change.getKey(), change.getValue());
    }
    return result;
  }

  /**
   * The first block of code with that language and text.
   *
   * @param document its name in {@code src/docs}
   */
  static String block(String document, String language, String text) {
    String fence = "\n```" + language + "\n";
    try {
      String all = Files.readString(Path.of("src", "docs", document));
      for (int at = all.indexOf(fence); at >= 0; at = all.indexOf(fence, at + 1)) {
        int from = at + fence.length();
        String block = all.substring(from, all.indexOf("\n```", from) + 1);
        if (block.contains(text)) {
          return block;
        }
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    throw new AssertionError("no such block in " + document + ": " + text);
  }
}
