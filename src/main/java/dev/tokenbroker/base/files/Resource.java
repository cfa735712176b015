package dev.tokenbroker.base.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A text file among the classes. For native executables, {@code reachability-metadata.json} names
 * it.
 */
public final class Resource {

  private Resource() {}

  /**
   * Reads it whole.
   *
   * @param name beside the class, or absolute
   */
  public static String text(Class<?> beside, String name) {
    try (InputStream file = beside.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
