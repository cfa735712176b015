package dev.tokenbroker.base.yaml;

import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.Yaml.Sequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;

/**
 * Reads the values of one mapping by key and type, and reports invalid ones. A reported value reads
 * as absent.
 */
public final class Fields {

  /** The longest text of any value but an expression, in characters. */
  public static final int MAX_TEXT_CHARS = 2048;

  private final String what;
  private final Mapping mapping;
  private final Shape shape;
  private final Problems problems;

  /**
   * @param what the mapping with an article, for messages: "an issuer"
   */
  public Fields(String what, Mapping mapping, Shape shape, Problems problems) {
    this.what = what;
    this.mapping = mapping;
    this.shape = shape;
    this.problems = problems;
    mapping
        .entries()
        .forEach(
            (key, entry) -> {
              if (!shape.takes(key)) {
                String keys = String.join(", ", shape.keys());
                problems.at(
                    entry.key(),
                    "unknown key '" + key + "' in " + what,
                    Spelling.remedy(key, shape.keys(), "The keys are " + keys + "."));
              }
            });
  }

  public Place place() {
    return mapping.place();
  }

  /** Where problems of this mapping are reported. */
  public Problems problems() {
    return problems;
  }

  public boolean has(String key) {
    return mapping.entries().containsKey(key);
  }

  /** The place of the key, or of the mapping if the key is absent. */
  public Place placeOf(String key) {
    Entry entry = mapping.entries().get(key);
    return entry == null ? place() : entry.key();
  }

  /** Text that is not empty; null where the key is absent, or where another value is reported. */
  public @Nullable Scalar text(String key) {
    return text(key, MAX_TEXT_CHARS);
  }

  private @Nullable Scalar text(String key, int maxChars) {
    Entry entry = mapping.entries().get(key);
    return entry == null ? null : textOf(key, entry.value(), maxChars);
  }

  /** As {@link #text(String)}, but reports text that does not fit the pattern of the schema. */
  public @Nullable String formed(String key) {
    Scalar text = text(key);
    if (text == null || text.text().matches(shape.keyword(key, "pattern"))) {
      return text == null ? null : text.text();
    }
    report(key, "'" + key + "' has another form", shape.keyword(key, "patternErrorMessage"));
    return null;
  }

  /** As {@link #text(String)}, but reports an absent key with that remedy. */
  public @Nullable Scalar required(String key, String remedy) {
    if (!has(key)) {
      lacks(key, remedy);
    }
    return text(key);
  }

  /** Reports that a key is absent. */
  public void lacks(String key, String remedy) {
    problems.at(place(), what + " needs '" + key + "'", remedy);
  }

  /** Reports what is wrong with a key, at its place. */
  public void report(String key, String message, String remedy) {
    problems.at(placeOf(key), message, remedy);
  }

  /** Reports the text if it has control characters. */
  public void refuseControlCharacters(String subject, @Nullable Scalar text) {
    if (text != null && text.text().chars().anyMatch(Character::isISOControl)) {
      problems.at(text.place(), subject + " holds control characters", "Remove the characters.");
    }
  }

  /** Whether the value is an empty list, or no value at all. */
  public boolean isEmptyList(String key) {
    Entry entry = mapping.entries().get(key);
    return entry != null
        && switch (entry.value()) {
          case Sequence list -> list.items().isEmpty();
          case Scalar scalar -> scalar.isNull();
          case Mapping _ -> false;
        };
  }

  /** Whether the value is of that kind. */
  public boolean is(Class<? extends Yaml> kind, String key) {
    Entry entry = mapping.entries().get(key);
    return entry != null && kind.isInstance(entry.value());
  }

  /** An expression, whose length the compiler checks; null where absent or reported. */
  public @Nullable Scalar expression(String key) {
    return text(key, Integer.MAX_VALUE);
  }

  /** {@code true} or {@code false}, unquoted; false where absent. */
  public boolean flag(String key) {
    Entry entry = mapping.entries().get(key);
    if (entry == null) {
      return false;
    }
    if (entry.value() instanceof Scalar(String text, ScalarStyle style, Place _)
        && style == ScalarStyle.PLAIN
        && (text.equals("true") || text.equals("false"))) {
      return text.equals("true");
    }
    problems.at(
        entry.value().place(),
        "'" + key + "' must be true or false",
        "Write true or false, without quotes.");
    return false;
  }

  /**
   * The value whose word stands at the key: one of the words in the schema; null where the key is
   * absent, or where another word is reported.
   *
   * @param what the kind of value, without an article: "grant"
   * @param label the word for each value
   */
  public <T> @Nullable T choice(String key, String what, T[] values, Function<T, String> label) {
    Scalar word = text(key);
    if (word == null) {
      return null;
    }
    List<String> words = words(key);
    if (!words.contains(word.text())) {
      problems.at(
          word.place(),
          "'" + word.text() + "' is no " + what,
          Spelling.remedy(word.text(), words, "Use one of " + String.join(", ", words) + "."));
      return null;
    }
    return Stream.of(values)
        .filter(value -> label.apply(value).equals(word.text()))
        .findFirst()
        .orElseThrow();
  }

  /** The words that the schema allows for a key. */
  public List<String> words(String key) {
    return shape.words(key);
  }

  /** A duration within bounds; null where absent or reported. */
  public @Nullable Duration duration(String key, Duration least, Duration most) {
    Scalar text = text(key);
    if (text == null) {
      return null;
    }
    Duration duration = Durations.parse(text.text()).orElse(null);
    if (duration == null) {
      problems.at(
          text.place(),
          "'" + key + "' is no duration: " + text.text(),
          "Write a number and its unit, such as 500ms, 60s, 10m or 1h.");
      return null;
    }
    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      String bounds = Durations.format(least) + " to " + Durations.format(most);
      problems.at(
          text.place(),
          "'" + key + "' is out of bounds: " + text.text(),
          "Give a duration of " + bounds + ".");
      return null;
    }
    return duration;
  }

  /** A list of texts without duplicates; empty where absent or reported. */
  public List<Scalar> texts(String key) {
    Map<String, Scalar> texts = new LinkedHashMap<>();
    for (Yaml item : items(key)) {
      Scalar text = textOf(key, item, MAX_TEXT_CHARS);
      if (text != null && texts.putIfAbsent(text.text(), text) != null) {
        problems.at(
            text.place(),
            "'" + text.text() + "' stands twice in '" + key + "'",
            "Keep one of them.");
      }
    }
    return List.copyOf(texts.values());
  }

  /** A mapping; null where absent or reported. */
  public @Nullable Mapping mapping(String key) {
    Entry entry = mapping.entries().get(key);
    if (entry == null || entry.value() instanceof Mapping) {
      return entry == null ? null : (Mapping) entry.value();
    }
    problems.at(
        entry.value().place(),
        "'" + key + "' must be a mapping, this is " + entry.value().kind(),
        "Write keys and values, indented below it or in braces.");
    return null;
  }

  /** A list of mappings; empty where absent or reported. */
  public List<Mapping> mappings(String key) {
    List<Mapping> mappings = new ArrayList<>();
    for (Yaml item : items(key)) {
      if (item instanceof Mapping entry) {
        mappings.add(entry);
      } else {
        problems.at(
            item.place(),
            "an entry of '" + key + "' must be a mapping, this is " + item.kind(),
            "Write '- ' and the keys of the entry below each other.");
      }
    }
    return mappings;
  }

  /** The entries of a list; none where the key is absent, or where the value is reported. */
  private List<Yaml> items(String key) {
    Entry entry = mapping.entries().get(key);
    int most = shape.most(key);
    return switch (entry == null ? null : entry.value()) {
      case null -> List.of();
      case Sequence list when list.items().size() > most -> {
        tooMany(key, list.place(), most);
        yield List.of();
      }
      case Sequence list -> list.items();
      case Scalar scalar when scalar.isNull() -> List.of();
      case Scalar scalar -> notAList(key, scalar, "Write a list: [" + scalar.text() + "].");
      case Mapping other -> notAList(key, other, "Write a list: begin each entry with '- '.");
    };
  }

  private List<Yaml> notAList(String key, Yaml value, String remedy) {
    problems.at(value.place(), "'" + key + "' must be a list, this is " + value.kind(), remedy);
    return List.of();
  }

  private void tooMany(String key, Place place, int most) {
    problems.at(place, "'" + key + "' has more than " + most + " entries", "Remove some of them.");
  }

  /** The fields of a mapping; null where the key is absent, or where the value is reported. */
  public @Nullable Fields section(String key) {
    Mapping inner = mapping(key);
    return inner == null ? null : new Fields("'" + key + "'", inner, shape.at(key), problems);
  }

  /**
   * The values of a mapping with names that the author chooses; empty where the key is absent, or
   * where the value is reported. An invalid name is reported.
   *
   * @param what one of the names, with an article: "a claim"
   * @param remedy what a name looks like
   * @param reader gives the value of a name; null where it is reported
   */
  public <T> Map<String, T> named(
      String key, String what, String remedy, BiFunction<Fields, String, @Nullable T> reader) {
    Map<String, T> values = new HashMap<>();
    Fields inner = section(key);
    if (inner == null) {
      return values;
    }
    int most = shape.most(key);
    if (inner.mapping.entries().size() > most) {
      tooMany(key, placeOf(key), most);
      return values;
    }
    Predicate<String> form = inner.shape.names();
    for (String name : inner.mapping.entries().keySet()) {
      if (!form.test(name)) {
        inner.report(name, "'" + name + "' is no name of " + what, remedy);
        continue;
      }
      T value = reader.apply(inner, name);
      if (value != null) {
        values.put(name, value);
      }
    }
    return values;
  }

  private @Nullable Scalar textOf(String key, Yaml value, int maxChars) {
    if (!(value instanceof Scalar scalar) || scalar.isNull()) {
      problems.at(
          value.place(),
          "'" + key + "' must be text, this is " + value.kind(),
          "Give it a value, or remove the key.");
      return null;
    }
    if (scalar.text().isBlank()) {
      problems.at(scalar.place(), "'" + key + "' is blank", "Give it a value.");
      return null;
    }
    if (scalar.text().length() > maxChars) {
      problems.at(
          scalar.place(),
          "'" + key + "' is longer than " + maxChars + " characters",
          "Shorten it.");
      return null;
    }
    return scalar;
  }
}
