package dev.tokenbroker.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A section of a table that is a test resource. It begins with a line {@code === name}; a line
 * {@code --- separator} stands between a document and what is expected of it.
 */
public record TableSection(String name, String text, String expected) {

  /** The sections that have that separator. */
  public static Stream<TableSection> table(String resource, String separator) {
    String marker = "--- " + separator + "\n";
    return Arrays.stream(text(resource).split("(?m)^=== ", -1))
        .filter(section -> section.contains("\n" + marker))
        .map(section -> of(section, marker));
  }

  private static TableSection of(String section, String marker) {
    int name = section.indexOf('\n');
    int end = section.indexOf(marker);
    return new TableSection(
        section.substring(0, name),
        section.substring(name + 1, end).replace("\\u0007", "\u0007"),
        section.substring(end + marker.length()));
  }

  /** The whole text of a resource. */
  public static String text(String resource) {
    try (InputStream in = TableSection.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
