package dev.tokenbroker.base.refusal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** The document that has one row for each reason. */
public final class RefusalsDocument {

  private static final Path FILE = Path.of("src/docs/use/refusals.md");

  private RefusalsDocument() {}

  /** Its rows by what they are about; fails where there are two for the same. */
  public static Map<String, String> rows() throws IOException {
    return Files.readAllLines(FILE).stream()
        .filter(line -> line.startsWith("| `"))
        .collect(Collectors.toMap(line -> line.substring(3, line.indexOf('`', 3)), line -> line));
  }
}
