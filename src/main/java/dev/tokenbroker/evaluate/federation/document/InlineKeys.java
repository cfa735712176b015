package dev.tokenbroker.evaluate.federation.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tokenbroker.base.json.PooledJson;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.Yaml.Sequence;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads a key set that stands in the document itself. */
final class InlineKeys {

  private static final JsonFactory JSON = PooledJson.builder().build();

  /** Members of private and symmetric keys (RFC 7518 sections 6.2.2, 6.3.2 and 6.4). */
  static final Set<String> SECRETS = Set.of("d", "p", "q", "dp", "dq", "qi", "oth", "k");

  private InlineKeys() {}

  /** Whether one of the keys is private or symmetric; each such key is reported. */
  static boolean holdSecrets(Mapping jwks, Problems problems) {
    Yaml.Entry keys = jwks.entries().get("keys");
    if (keys == null || !(keys.value() instanceof Sequence list)) {
      return false;
    }
    int before = problems.reports();
    for (Yaml key : list.items()) {
      if (key instanceof Mapping members) {
        members.entries().entrySet().stream()
            .filter(member -> SECRETS.contains(member.getKey()))
            .findFirst()
            .ifPresent(
                member ->
                    problems.at(
                        member.getValue().key(),
                        "'jwks' holds a private or symmetric key",
                        "Remove it and consider it disclosed; only public keys stand here."));
      }
    }
    return problems.reports() > before;
  }

  /** The key set as JSON, members by name; all scalars are strings, as in a public JWK. */
  static String json(Mapping jwks) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      write(jwks, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string writer never fails
    }
    return text.toString();
  }

  private static void write(Yaml yaml, JsonGenerator json) throws IOException {
    switch (yaml) {
      case Scalar scalar -> json.writeString(scalar.text());
      case Sequence sequence -> {
        json.writeStartArray();
        for (Yaml item : sequence.items()) {
          write(item, json);
        }
        json.writeEndArray();
      }
      case Mapping mapping -> {
        json.writeStartObject();
        for (Map.Entry<String, Yaml.Entry> member : new TreeMap<>(mapping.entries()).entrySet()) {
          json.writeFieldName(member.getKey());
          write(member.getValue().value(), json);
        }
        json.writeEndObject();
      }
    }
  }
}
