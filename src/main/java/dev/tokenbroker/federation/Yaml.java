package dev.tokenbroker.federation;

import java.util.List;
import java.util.Map;

/**
 * A piece of the document and where it stands. Scalars stay text: what {@code no}, {@code 010} or
 * {@code 1e3} mean is said by the key, never by YAML's guesses.
 */
sealed interface Yaml {

  Place place();

  /** How a scalar was written. */
  enum Style {
    PLAIN,
    QUOTED,
    /** A literal block, of which every line stands on its own line of the document. */
    LITERAL,
    FOLDED
  }

  /** Text. */
  record Scalar(String text, Style style, Place place) implements Yaml {

    /** Nothing was written, or YAML's null. */
    boolean isNull() {
      return style == Style.PLAIN
          && (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null"));
    }

    /** Where that line of the text stands, from 1; exact for one-line text and literal blocks. */
    Place placeOf(int line) {
      return style == Style.LITERAL ? new Place(place.file(), place.line() + line) : place;
    }
  }

  /** A list. */
  record Sequence(List<Yaml> items, Place place) implements Yaml {}

  /** A mapping; its keys are text and each stands once. */
  record Mapping(Map<String, Entry> entries, Place place) implements Yaml {}

  /** A key's place, and its value. */
  record Entry(Place key, Yaml value) {}

  /** What it is, with an article, for messages. */
  default String kind() {
    return switch (this) {
      case Scalar scalar -> scalar.isNull() ? "empty" : "text";
      case Sequence _ -> "a list";
      case Mapping _ -> "a mapping";
    };
  }
}
