package dev.tokenbroker.operate.lint;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.document.DocumentSection;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.judge.policy.Rule;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** Collects the warnings for one document. Each lint run has its own instance. */
final class Findings {

  private final Outline outline;

  /** The place of the entry that each warning is about. */
  private final SortedMap<Warning, Place> found = new TreeMap<>();

  Findings(Outline outline) {
    this.outline = outline;
  }

  /** Adds a warning about the value of that key, or about the whole rule if the key is absent. */
  void add(LintCode code, Rule rule, String key, String sentence, String remedy) {
    add(code, entry(outline.entries(DocumentSection.RULES), rule.name()), key, sentence, remedy);
  }

  /** Adds a warning for an entry of another section. */
  void add(LintCode code, Mapping entry, String key, String sentence, String remedy) {
    Entry value = entry.entries().get(key);
    add(code, value == null ? entry.place() : value.key(), entry.place(), sentence, remedy);
  }

  /** Adds a warning about a place within an entry, or about a comment. */
  void add(LintCode code, Place place, Place entry, String sentence, String remedy) {
    // The sentence contains text of the document, so this cleans it for the terminal.
    found.put(new Warning(place, code, Evidence.clean(sentence), Evidence.clean(remedy)), entry);
  }

  /** The place of a rule. */
  Place placeOf(Rule rule) {
    return entry(outline.entries(DocumentSection.RULES), rule.name()).place();
  }

  Outline outline() {
    return outline;
  }

  /** The warnings in the order of the document, each with the place of its entry. */
  SortedMap<Warning, Place> found() {
    return found;
  }

  /** Cuts text of the document to a length that fits into a sentence. */
  static String cut(String text) {
    return text.length() > 100 ? text.substring(0, 99) + "…" : text;
  }

  private static Mapping entry(Map<String, Mapping> section, String name) {
    return Objects.requireNonNull(section.get(name));
  }
}
