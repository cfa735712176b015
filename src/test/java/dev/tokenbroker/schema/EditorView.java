package dev.tokenbroker.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.Yaml.Sequence;
import java.math.BigInteger;
import java.util.regex.Pattern;

/**
 * Gives plain scalars the types that an editor gives them: the core schema (YAML 1.2 section
 * 10.3.2). The broker itself keeps them text.
 */
final class EditorView {

  private static final Pattern NOTHING = Pattern.compile("|~|null|Null|NULL");
  private static final Pattern FLAG = Pattern.compile("true|True|TRUE|false|False|FALSE");
  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+");
  private static final Pattern OCTAL = Pattern.compile("0o[0-7]+");
  private static final Pattern HEXADECIMAL = Pattern.compile("0x[0-9a-fA-F]+");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
  private static final Pattern ENDLESS = Pattern.compile("[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private EditorView() {}

  static JsonNode of(Yaml yaml) {
    return switch (yaml) {
      case Scalar scalar -> scalar.isPlain() ? plain(scalar.text()) : NODES.textNode(scalar.text());
      case Sequence sequence -> {
        ArrayNode list = NODES.arrayNode();
        sequence.items().forEach(item -> list.add(of(item)));
        yield list;
      }
      case Mapping mapping -> {
        ObjectNode object = NODES.objectNode();
        mapping.entries().forEach((key, entry) -> object.set(key, of(entry.value())));
        yield object;
      }
    };
  }

  private static JsonNode plain(String text) {
    if (NOTHING.matcher(text).matches()) {
      return NODES.nullNode();
    }
    if (FLAG.matcher(text).matches()) {
      return NODES.booleanNode(Boolean.parseBoolean(text));
    }
    if (INTEGER.matcher(text).matches()) {
      return integer(new BigInteger(text));
    }
    if (OCTAL.matcher(text).matches()) {
      return integer(new BigInteger(text.substring(2), 8));
    }
    if (HEXADECIMAL.matcher(text).matches()) {
      return integer(new BigInteger(text.substring(2), 16));
    }
    if (DECIMAL.matcher(text).matches()) {
      return NODES.numberNode(Double.parseDouble(text));
    }
    return ENDLESS.matcher(text).matches()
        ? NODES.numberNode(Double.POSITIVE_INFINITY)
        : NODES.textNode(text);
  }

  /** The node that a JSON parser makes of the same number, so that equal numbers are equal. */
  private static JsonNode integer(BigInteger number) {
    if (number.bitLength() < Integer.SIZE) {
      return NODES.numberNode(number.intValueExact());
    }
    return number.bitLength() < Long.SIZE
        ? NODES.numberNode(number.longValueExact())
        : NODES.numberNode(number);
  }
}
