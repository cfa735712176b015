package dev.tokenbroker.base.yaml;

import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;

/**
 * A piece of the document and its place. Scalars stay text: the key decides what {@code no}, {@code
 * 010} or {@code 1e3} mean, never YAML's guesses.
 */
public sealed interface Yaml {

  Place place();

  /** Text, and its notation. In a literal block, each line of text is one of the document. */
  record Scalar(String text, ScalarStyle style, Place place) implements Yaml {

    /** Whether there is no value, or YAML's null. */
    public boolean isNull() {
      return isPlain() && (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null"));
    }

    /** Whether it has no quotes and is no block, so that its text may stand for another type. */
    public boolean isPlain() {
      return style == ScalarStyle.PLAIN;
    }

    /** The place of that line of the text, from 1; exact for one-line text and literal blocks. */
    public Place placeOf(int line) {
      return style == ScalarStyle.LITERAL ? new Place(place.file(), place.line() + line) : place;
    }
  }

  /** A list. */
  record Sequence(List<Yaml> items, Place place) implements Yaml {}

  /** A mapping with unique text keys. */
  record Mapping(Map<String, Entry> entries, Place place) implements Yaml {}

  /** A key's place, and its value. */
  record Entry(Place key, Yaml value) {}

  /** The kind of this piece, with an article, for messages. */
  default String kind() {
    return switch (this) {
      case Scalar scalar -> scalar.isNull() ? "empty" : "text";
      case Sequence _ -> "a list";
      case Mapping _ -> "a mapping";
    };
  }
}
