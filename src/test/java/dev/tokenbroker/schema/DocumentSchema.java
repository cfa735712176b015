package dev.tokenbroker.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Shape;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.YamlParser;
import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.schema.Mutations.Mutant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** A JSON Schema that is shipped for editors, and what an editor finds by it. */
public final class DocumentSchema {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode root;
  private final JsonSchema schema;

  private DocumentSchema(JsonNode root) {
    this.root = root;
    this.schema = factory().getSchema(root);
  }

  /** The schema of that name: {@code federation} or {@code cases}. */
  public static DocumentSchema named(String name) {
    return Unchecked.get(() -> new DocumentSchema(JSON.readTree(Shape.schema(name))));
  }

  /** The text of a document as an editor sees it; empty where it is no YAML, or holds nothing. */
  public static Optional<JsonNode> seen(String yaml) {
    return YamlParser.parse("seen.yaml", yaml, new Problems()).map(EditorView::of);
  }

  /** As {@link #seen(String)}. */
  public static JsonNode seen(Yaml yaml) {
    return EditorView.of(yaml);
  }

  public JsonNode root() {
    return root;
  }

  /** What is wrong with the document; empty where it is valid. */
  public Set<String> faults(JsonNode document) {
    return schema.validate(document).stream()
        .map(ValidationMessage::getMessage)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** What is wrong with a document that is YAML. */
  public Set<String> faults(String yaml) {
    return seen(yaml).map(this::faults).orElse(Set.of());
  }

  /** The part of the schema at that JSON pointer. */
  public JsonNode at(String pointer) {
    JsonNode part = root.at(pointer);
    if (part.isMissingNode()) {
      throw new IllegalArgumentException("no " + pointer);
    }
    return part;
  }

  /** The keys of the mapping that the part at that pointer describes. */
  public List<String> keys(String pointer) {
    return List.copyOf(iterable(at(pointer + "/properties").fieldNames()));
  }

  /** The texts of a list at that pointer. */
  public List<String> texts(String pointer) {
    return StreamSupport.stream(at(pointer).spliterator(), false).map(JsonNode::asText).toList();
  }

  /** Fails unless the number at that pointer is that one. */
  public void assertBound(String pointer, int bound) {
    assertThat(at(pointer).asInt()).as(pointer).isEqualTo(bound);
  }

  /**
   * Whether this schema and a reader take a document; fails where one of them should not.
   *
   * @param problems what the reader says
   */
  public boolean takenByBoth(Mutant mutant, List<Problem> problems) {
    Set<String> faults = faults(mutant.document());
    if (Unseen.isStructural(problems)) {
      assertThat(faults).as("%s: the schema misses %s", mutant, problems).isNotEmpty();
    }
    if (problems.isEmpty()) {
      assertThat(faults).as("%s: the reader takes it", mutant).isEmpty();
    }
    return faults.isEmpty() && problems.isEmpty();
  }

  private static List<String> iterable(Iterator<String> names) {
    Iterable<String> all = () -> names;
    return StreamSupport.stream(all.spliterator(), false).toList();
  }

  /** Draft-07, with the one keyword that only editors know. */
  private static JsonSchemaFactory factory() {
    JsonMetaSchema draft =
        JsonMetaSchema.builder(JsonMetaSchema.getV7())
            .keyword(new NonValidationKeyword("patternErrorMessage"))
            .build();
    return JsonSchemaFactory.builder(JsonSchemaFactory.getInstance(VersionFlag.V7))
        .metaSchema(draft)
        .build();
  }
}
