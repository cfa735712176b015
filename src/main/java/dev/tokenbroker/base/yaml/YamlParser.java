package dev.tokenbroker.base.yaml;

import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.Yaml.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingEndEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceEndEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Parses one file to {@link Yaml}, from parser events: it constructs no object, guesses no type and
 * resolves no tag. It accepts the part of YAML that a document needs. It refuses, with the line,
 * what hides meaning or costs memory: tags, anchors and aliases (so no bombs and no merge keys),
 * several documents in a file, keys that are not text, duplicate keys, and more than {@value
 * #MAX_DEPTH} levels.
 */
public final class YamlParser {

  /** The largest size of a text, in bytes. */
  public static final int MAX_BYTES = 1 << 20;

  static final int MAX_DEPTH = 20;

  private final String file;
  private final Problems problems;
  private final Parser events;

  private YamlParser(String file, String text, Problems problems) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_BYTES);
    this.file = file;
    this.problems = problems;
    this.events = new ParserImpl(new StreamReader(text), options);
  }

  /** The content; empty where the file is empty, or where problems are reported. */
  public static Optional<Yaml> parse(String file, String text, Problems problems) {
    int before = problems.reports();
    try {
      Yaml root = new YamlParser(file, text, problems).document();
      return problems.reports() > before ? Optional.empty() : Optional.ofNullable(root);
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      problems.at(
          new Place(file, mark == null ? 1 : mark.getLine() + 1),
          "this is not YAML: " + context(e) + e.getProblem(),
          "Correct the indentation or quoting.");
    } catch (ReaderException e) {
      int end =
          text.offsetByCodePoints(
              0, Math.min(e.getPosition(), text.codePointCount(0, text.length())));
      int line = 1 + (int) text.substring(0, end).chars().filter(c -> c == '\n').count();
      problems.at(
          new Place(file, line),
          "this is not YAML: a control character stands here",
          "Remove the character; write it as an escape in double quotes where it is meant.");
    } catch (YAMLException e) {
      problems.at(new Place(file, 1), "this is not YAML", "Correct the file.");
    }
    return Optional.empty();
  }

  private static String context(MarkedYAMLException e) {
    Mark mark = e.getContextMark();
    return e.getContext() == null || mark == null
        ? ""
        : e.getContext() + " from line " + (mark.getLine() + 1) + ", ";
  }

  private @Nullable Yaml document() {
    Yaml root = null;
    int documents = 0;
    while (events.peekEvent() != null) {
      Event event = events.getEvent();
      if (event instanceof DocumentStartEvent && ++documents == 2) {
        problems.at(
            place(event),
            "a second YAML document begins here",
            "Remove the '---', or put the rest into a file of its own.");
      }
      if (event instanceof NodeEvent node) {
        Yaml value = value(node, 1);
        root = root == null ? value : root;
      }
    }
    return root;
  }

  private Yaml value(NodeEvent event, int depth) {
    refuseAnchor(event);
    return switch (event) {
      case ScalarEvent scalar -> scalar(scalar);
      case SequenceStartEvent start -> sequence(start, depth);
      case MappingStartEvent start -> mapping(start, depth);
      default -> nothing(event); // an alias, already refused
    };
  }

  private Scalar scalar(ScalarEvent event) {
    refuseTag(event.getTag(), event);
    return new Scalar(event.getValue(), event.getScalarStyle(), place(event));
  }

  private Yaml sequence(SequenceStartEvent start, int depth) {
    refuseTag(start.getTag(), start);
    List<Yaml> items = new ArrayList<>();
    for (Event next = events.getEvent();
        !(next instanceof SequenceEndEvent);
        next = events.getEvent()) {
      items.add(nested(node(next), depth));
    }
    return new Sequence(items, place(start));
  }

  private Yaml mapping(MappingStartEvent start, int depth) {
    refuseTag(start.getTag(), start);
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Event next = events.getEvent();
        !(next instanceof MappingEndEvent);
        next = events.getEvent()) {
      Yaml key = nested(node(next), depth);
      put(entries, key, nested(node(events.getEvent()), depth));
    }
    return new Mapping(Collections.unmodifiableMap(entries), place(start));
  }

  private void put(Map<String, Entry> entries, Yaml key, Yaml value) {
    if (!(key instanceof Scalar(String name, ScalarStyle _, Place _))) {
      problems.at(key.place(), "a key must be text, this is " + key.kind(), "Write a plain key.");
      return;
    }
    Entry first = entries.putIfAbsent(name, new Entry(key.place(), value));
    if (first != null) {
      problems.at(
          key.place(),
          "'" + name + "' stands twice; first in line " + first.key().line(),
          "Keep one of them.");
    }
  }

  private static NodeEvent node(Event event) {
    if (event instanceof NodeEvent node) {
      return node;
    }
    throw new IllegalStateException("the parser broke its grammar: " + event);
  }

  /** A value one level deeper; beyond the limit it is skipped, so that parsing can go on. */
  private Yaml nested(NodeEvent event, int depth) {
    if (depth < MAX_DEPTH || !(event instanceof CollectionStartEvent)) {
      return value(event, depth + 1);
    }
    problems.at(
        place(event),
        "this is nested deeper than " + MAX_DEPTH + " levels",
        "The document needs five levels; remove the rest.");
    skip();
    return nothing(event);
  }

  private void skip() {
    for (int open = 1; open > 0; ) {
      Event event = events.getEvent();
      if (event instanceof CollectionStartEvent) {
        open++;
      } else if (event instanceof SequenceEndEvent || event instanceof MappingEndEvent) {
        open--;
      }
    }
  }

  private Scalar nothing(Event event) {
    return new Scalar("", ScalarStyle.PLAIN, place(event));
  }

  private void refuseAnchor(NodeEvent event) {
    if (event instanceof AliasEvent) {
      problems.at(
          place(event), "aliases are not supported: *" + event.getAnchor(), "Write the value out.");
    } else if (event.getAnchor() != null) {
      problems.at(
          place(event),
          "anchors are not supported: &" + event.getAnchor(),
          "Remove the anchor, and write the value out wherever it is used.");
    }
  }

  private void refuseTag(@Nullable String tag, Event event) {
    if (tag != null) {
      problems.at(
          place(event),
          "tags are not supported: " + tag.replace("tag:yaml.org,2002:", "!!"),
          "Remove the tag.");
    }
  }

  private Place place(Event event) {
    Mark mark = event.getStartMark();
    return new Place(file, mark == null ? 1 : mark.getLine() + 1);
  }
}
