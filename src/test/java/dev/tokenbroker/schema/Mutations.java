package dev.tokenbroker.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tokenbroker.process.runtime.Unchecked;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Changes a document at one place: drops a key or an entry, adds an unknown key, repeats an entry,
 * or gives a value another type or size.
 */
public final class Mutations {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "42",
          "-7",
          "1.5",
          "\"\"",
          "\" \"",
          "\"text\"",
          "\"Text\"",
          "\"a b\"",
          "\"true\"",
          "\"10m\"",
          "\"25h\"",
          "\"https://other.example/a?b=c\"",
          "\"a\\u0007b\"",
          "\"" + "x".repeat(2049) + "\"",
          "\"" + "x".repeat(4097) + "\"",
          "[]",
          "[null]",
          "[1]",
          "[[\"a\"]]",
          "[\"x\", \"x\"]",
          "{}",
          "{\"a\": \"1\"}",
          "{\"a\": null}",
          "{\"a\": {\"b\": []}}");

  private static final int KINDS = VALUES.size() + 2;

  private static final int DROPPED = 0;
  private static final int REPEATED = 1;
  private static final int EMPTY_LIST = VALUES.indexOf("[]") + 2;

  private final JsonNode original;

  /**
   * @param document as an editor sees it
   */
  public Mutations(JsonNode document) {
    this.original = document;
  }

  /**
   * A changed document.
   *
   * @param what the change, for messages
   */
  public record Mutant(String what, JsonNode document) {

    /** The document as text: JSON is YAML, with the same values for broker and editor. */
    public String text() {
      return document.toPrettyString();
    }

    @Override
    public String toString() {
      return what;
    }
  }

  /**
   * Two changes of each value at that key of the root or below: it is dropped, and it is an empty
   * list.
   *
   * @param key empty for any place
   */
  public Stream<Mutant> telling(String key) {
    return changed(key, List.of(DROPPED, EMPTY_LIST));
  }

  /** All documents with one change there, of each kind. */
  public Stream<Mutant> single(String key) {
    return changed(key, IntStream.range(0, KINDS).boxed().toList());
  }

  private Stream<Mutant> changed(String key, List<Integer> kinds) {
    List<Place> places = places(original);
    return IntStream.range(0, places.size())
        .filter(at -> key.isEmpty() || (places.get(at).path() + "/").startsWith("/" + key + "/"))
        .boxed()
        .flatMap(at -> kinds.stream().map(kind -> applied("", original, at, kind)));
  }

  /** A document with two or three changes. */
  public Mutant several(SplittableRandom random) {
    Mutant mutant = new Mutant("", original);
    for (int left = random.nextInt(2, 4); left > 0; left--) {
      int places = places(mutant.document()).size();
      if (places > 0) {
        mutant =
            applied(
                mutant.what(), mutant.document(), random.nextInt(places), random.nextInt(KINDS));
      }
    }
    return mutant;
  }

  private static String describe(int kind) {
    return switch (kind) {
      case DROPPED -> "dropped";
      case REPEATED -> "beside something new";
      default -> {
        String value = VALUES.get(kind - 2);
        yield "is " + (value.length() > 40 ? value.length() + " characters" : value);
      }
    };
  }

  /** Each place below the root has the kinds 0 (drop), 1 (repeat or add) and 2… (value). */
  private static Mutant applied(String before, JsonNode document, int at, int kind) {
    JsonNode copy = document.deepCopy();
    Place place = places(copy).get(at);
    place.apply(kind);
    return new Mutant(before + place.path() + " " + describe(kind) + "; ", copy);
  }

  /** A value within its parent, an object or a list. */
  private record Place(String path, JsonNode parent, String key, int index) {

    void apply(int kind) {
      switch (parent) {
        case ObjectNode object when kind == 0 -> object.remove(key);
        case ObjectNode object when kind == 1 -> object.put("zz", 1);
        case ObjectNode object -> object.set(key, value(kind));
        case ArrayNode list when kind == 0 -> list.remove(index);
        case ArrayNode list when kind == 1 -> list.add(list.get(index).deepCopy());
        case ArrayNode list -> list.set(index, value(kind));
        default -> throw new IllegalStateException(path);
      }
    }

    private static JsonNode value(int kind) {
      return Unchecked.get(() -> JSON.readTree(VALUES.get(kind - 2)));
    }
  }

  private static List<Place> places(JsonNode document) {
    List<Place> places = new ArrayList<>();
    collect(document, "", places);
    return places;
  }

  private static void collect(JsonNode parent, String path, List<Place> places) {
    if (parent instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              entry -> {
                String at = path + "/" + entry.getKey();
                places.add(new Place(at, parent, entry.getKey(), 0));
                collect(entry.getValue(), at, places);
              });
    }
    if (parent instanceof ArrayNode list) {
      for (int index = 0; index < list.size(); index++) {
        places.add(new Place(path + "/" + index, parent, "", index));
        collect(list.get(index), path + "/" + index, places);
      }
    }
  }
}
