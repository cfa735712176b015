package dev.tokenbroker.evaluate.federation.diff;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.Yaml.Sequence;
import dev.tokenbroker.evaluate.federation.document.Outline;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;

/**
 * Reads the values of an entry by path, and compares them. A list is one value, and a set: the
 * order of its items has no meaning in any section.
 */
final class EntryValues {

  /** The keys of an issuer whose value is compared by the key set that it gives. */
  private static final List<String> KEY_SETS = List.of("jwksFile", "jwks");

  private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z0-9_-]+");

  /** The characters of a JWT (RFC 7515 section 3.1). */
  private static final String TOKEN_CHARS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

  /** The part of a long common beginning that is shown before the first difference. */
  private static final int CONTEXT_CHARS = 60;

  private EntryValues() {}

  /**
   * A value of an entry.
   *
   * @param compared equal for values that are no difference
   * @param shown the whole text
   */
  record EntryValue(String compared, String shown, Place place) {}

  /**
   * The values by path, in the order of the document.
   *
   * @param nameKey the key that names the entry, which is left out
   * @param keySet the fixed key set of an issuer; null if it has none
   */
  static Map<String, EntryValue> of(
      Mapping entry, String nameKey, Outline.@Nullable KeySetSummary keySet) {
    Map<String, EntryValue> values = new LinkedHashMap<>();
    entry
        .entries()
        .forEach(
            (key, value) -> {
              if (keySet != null && KEY_SETS.contains(key)) {
                values.put(key, keySet(value, keySet));
              } else if (!key.equals(nameKey)) {
                put(path("", key), value.key(), value.value(), values);
              }
            });
    return values;
  }

  private static void put(String path, Place place, Yaml value, Map<String, EntryValue> values) {
    if (value instanceof Mapping mapping && !mapping.entries().isEmpty()) {
      mapping
          .entries()
          .forEach((key, inner) -> put(path(path, key), inner.key(), inner.value(), values));
      return;
    }
    String text = text(value);
    values.put(path, new EntryValue(compared(value, text), text, place));
  }

  private static EntryValue keySet(Yaml.Entry value, Outline.KeySetSummary keySet) {
    String text =
        value.value() instanceof Scalar file ? file.text() + ", " + keySet : keySet.toString();
    return new EntryValue(text, text, value.key());
  }

  private static String path(String above, String key) {
    if (!PLAIN_KEY.matcher(key).matches()) {
      return above + "[" + Evidence.clean(key) + "]";
    }
    return above.isEmpty() ? key : above + "." + key;
  }

  private static String text(Yaml value) {
    return switch (value) {
      case Scalar scalar -> unbroken(scalar);
      case Sequence list ->
          list.items().stream().map(EntryValues::text).collect(Collectors.joining(", ", "[", "]"));
      case Mapping mapping ->
          mapping.entries().entrySet().stream()
              .map(entry -> entry.getKey() + ": " + text(entry.getValue().value()))
              .collect(Collectors.joining(", ", "{", "}"));
    };
  }

  private static String compared(Yaml value, String text) {
    return value instanceof Sequence list
        ? list.items().stream().map(EntryValues::text).sorted().collect(Collectors.joining("\n"))
        : text;
  }

  /** The text on one line. The line break at the end of a block belongs to its notation. */
  private static String unbroken(Scalar scalar) {
    boolean block = scalar.style() == ScalarStyle.LITERAL || scalar.style() == ScalarStyle.FOLDED;
    String text = block ? scalar.text().stripTrailing() : scalar.text();
    return text.replace("\n", " ⏎ ");
  }

  /** The values that differ: in the order of the later entry, then those that only one has. */
  static List<DocumentDiff.ValueDifference> differences(
      Map<String, EntryValue> from, Map<String, EntryValue> to) {
    SequencedSet<String> paths = new LinkedHashSet<>(to.keySet());
    paths.addAll(from.keySet());
    List<DocumentDiff.ValueDifference> differences = new ArrayList<>();
    for (String path : paths) {
      EntryValue earlier = from.get(path);
      EntryValue later = to.get(path);
      if (earlier == null || later == null || !earlier.compared().equals(later.compared())) {
        differences.add(difference(path, earlier, later));
      }
    }
    return differences;
  }

  private static DocumentDiff.ValueDifference difference(
      String path, @Nullable EntryValue earlier, @Nullable EntryValue later) {
    String from = earlier == null ? "" : earlier.shown();
    String to = later == null ? "" : later.shown();
    boolean isLong = Math.max(from.length(), to.length()) > Refusal.MAX_EVIDENCE_CHARS;
    int start = isLong ? wordStart(from, Math.max(0, common(from, to) - CONTEXT_CHARS)) : 0;
    return new DocumentDiff.ValueDifference(
        path,
        cut(from, start),
        cut(to, start),
        earlier == null ? null : earlier.place(),
        later == null ? null : later.place());
  }

  private static int common(String one, String other) {
    int length = Math.min(one.length(), other.length());
    int at = 0;
    while (at < length && one.charAt(at) == other.charAt(at)) {
      at++;
    }
    return at;
  }

  /** The start of the word at that place: a token without its start would not be masked. */
  private static int wordStart(String text, int at) {
    int start = at;
    while (start > 0 && TOKEN_CHARS.indexOf(text.charAt(start - 1)) >= 0) {
      start--;
    }
    return start;
  }

  /** Cuts both ends, so that the first difference of two long texts is visible. */
  private static String cut(String text, int start) {
    return Evidence.clean(start == 0 ? text : "…" + text.substring(start));
  }
}
