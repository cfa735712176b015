package dev.tokenbroker.base.yaml;

import dev.tokenbroker.base.files.Resource;
import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.Yaml.Sequence;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A mapping of a document as the JSON Schema of the document defines it: its keys, and the size of
 * their values. The schema that editors use is the one definition; the broker reads it, too.
 */
public final class Shape {

  private final Mapping schema;
  private final Mapping part;

  private Shape(Mapping schema, Mapping part) {
    this.schema = schema;
    this.part = part;
  }

  /** The shape of a kind of document: {@code federation} or {@code cases}. */
  public static Shape of(String document) {
    return parse(schema(document));
  }

  /** The shape that a JSON Schema defines. */
  public static Shape parse(String text) {
    Mapping schema = (Mapping) YamlParser.parse("schema", text, new Problems()).orElseThrow();
    return new Shape(schema, schema);
  }

  /** The JSON Schema of that kind of document. */
  public static String schema(String document) {
    return Resource.text(Shape.class, "/dev/tokenbroker/schema/" + document + ".schema.json");
  }

  /** The keys in the order of the schema. */
  Set<String> keys() {
    return mapping(part, "properties").entries().keySet();
  }

  /** Whether a mapping may have that key; one whose keys the schema does not list may have any. */
  boolean takes(String key) {
    return !part.entries().containsKey("properties") || keys().contains(key);
  }

  /** The form of keys of a mapping whose keys the schema does not list. */
  Predicate<String> names() {
    return Pattern.compile(text(mapping(part, "propertyNames"), "pattern")).asMatchPredicate();
  }

  /** The shape of the value of a key; of a list, the shape of its entries. */
  public Shape at(String key) {
    Mapping value = value(key);
    Mapping entries = value.entries().containsKey("items") ? mapping(value, "items") : value;
    Entry definition = entries.entries().get("$ref");
    return definition == null
        ? new Shape(schema, entries)
        : definition(text(entries, "$ref").substring("#/definitions/".length()));
  }

  /** A shape that has a name in the schema. */
  public Shape definition(String name) {
    return new Shape(schema, mapping(mapping(schema, "definitions"), name));
  }

  /** The most entries that the list or mapping at a key may have. */
  public int most(String key) {
    Mapping value = value(key);
    return Integer.parseInt(
        text(value, value.entries().containsKey("items") ? "maxItems" : "maxProperties"));
  }

  /** The words of which the value of a key is one. */
  List<String> words(String key) {
    return ((Sequence) entry(value(key), "enum").value())
        .items().stream().map(word -> ((Scalar) word).text()).toList();
  }

  /** What the schema says about the values of this shape by one of its own keywords. */
  public String keyword(String keyword) {
    return text(part, keyword);
  }

  /** What the schema says about the value of a key by one of its own keywords. */
  public String keyword(String key, String keyword) {
    return text(value(key), keyword);
  }

  private Mapping value(String key) {
    return mapping(mapping(part, "properties"), key);
  }

  private static Mapping mapping(Mapping parent, String key) {
    return (Mapping) entry(parent, key).value();
  }

  private static String text(Mapping parent, String key) {
    return ((Scalar) entry(parent, key).value()).text();
  }

  private static Entry entry(Mapping parent, String key) {
    return Objects.requireNonNull(parent.entries().get(key), key);
  }
}
