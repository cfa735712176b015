package dev.tokenbroker.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What editors need of the schemas themselves. */
class SchemaShapeTest {

  /** The keywords of draft-07 that may stand beside {@code $ref}, since they check nothing. */
  private static final Set<String> ANNOTATIONS = Set.of("title", "description", "default", "$ref");

  /** Mappings with keys of the author's choice. */
  private static final Set<String> OPEN =
      Set.of(
          "/definitions/issuer/properties/jwks",
          "/definitions/client/properties/jwks",
          "/definitions/issuer/properties/jwks/properties/keys/items");

  @ParameterizedTest
  @ValueSource(strings = {"federation", "cases", "agent"})
  void is_a_schema_of_draft_7(String name) {
    JsonSchema draft =
        JsonSchemaFactory.getInstance(VersionFlag.V7)
            .getSchema(SchemaLocation.of("http://json-schema.org/draft-07/schema#"));
    JsonNode root = DocumentSchema.named(name).root();

    assertThat(root.path("$schema").asText()).isEqualTo("http://json-schema.org/draft-07/schema#");
    assertThat(draft.validate(root.toString(), InputFormat.JSON)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"federation", "cases", "agent"})
  void describes_each_key(String name) {
    DocumentSchema schema = DocumentSchema.named(name);

    assertThat(schema.root().path("title").asText()).isNotBlank();
    assertThat(parts(schema.root(), ""))
        .allSatisfy(
            (path, part) -> {
              if (path.matches(".*/properties/[^/]+") && !path.matches(".*/(then|if)/.*")) {
                assertThat(part.path("description").asText()).as(path).endsWith(".");
              }
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"federation", "cases", "agent"})
  void refuses_unknown_keys_in_each_mapping_with_known_ones(String name) {
    assertThat(parts(DocumentSchema.named(name).root(), ""))
        .allSatisfy(
            (path, part) -> {
              if (part.path("type").asText().equals("object") && part.has("properties")) {
                assertThat(part.has("additionalProperties") || OPEN.contains(path))
                    .as(path)
                    .isTrue();
              }
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"federation", "cases", "agent"})
  void has_no_check_beside_a_reference_where_draft_7_ignores_it(String name) {
    assertThat(parts(DocumentSchema.named(name).root(), ""))
        .allSatisfy(
            (path, part) -> {
              if (part.has("$ref")) {
                List<String> keywords = new ArrayList<>();
                part.fieldNames().forEachRemaining(keywords::add);
                assertThat(ANNOTATIONS).as(path).containsAll(keywords);
              }
            });
  }

  private static Map<String, JsonNode> parts(JsonNode node, String path) {
    Map<String, JsonNode> parts = new LinkedHashMap<>();
    if (node.isObject()) {
      parts.put(path, node);
      node.properties()
          .forEach(entry -> parts.putAll(parts(entry.getValue(), path + "/" + entry.getKey())));
    } else if (node.isArray()) {
      for (int index = 0; index < node.size(); index++) {
        parts.putAll(parts(node.get(index), path + "/" + index));
      }
    }
    return parts;
  }
}
