package dev.tokenbroker.telemetry;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Files that hold a contract; a change of one is a change of the contract. */
final class Golden {

  private Golden() {}

  /** The lines of {@code golden/name}, without comments and blank ones. */
  static List<String> lines(String name) {
    try (InputStream file = Golden.class.getResourceAsStream("/golden/" + name)) {
      if (file == null) {
        throw new IllegalArgumentException("no golden file " + name);
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
