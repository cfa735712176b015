package dev.tokenbroker.deployment;

import static java.util.Map.entry;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The schemas of Kubernetes' own resources and of the Prometheus operator's, as the artifact {@code
 * kubernetes-model-validator} has them, applied more strictly than an API server does: a field that
 * a schema does not know is a problem, too, and where a field may be an integer or a text, both are
 * taken.
 */
final class KubernetesSchema {

  private static final String RESOURCE = "/openshift-generated.json";
  private static final String REFERENCE = "#/definitions/";
  private static final Pattern QUANTITY = Pattern.compile("\\d+(\\.\\d+)?(m|[kKMGTPE]i?)?");

  private static final Map<String, String> DEFINITIONS =
      Map.ofEntries(
          entry("v1/Namespace", "io.k8s.api.core.v1.Namespace"),
          entry("v1/ServiceAccount", "io.k8s.api.core.v1.ServiceAccount"),
          entry("v1/ConfigMap", "io.k8s.api.core.v1.ConfigMap"),
          entry("v1/Service", "io.k8s.api.core.v1.Service"),
          entry("v1/Pod", "io.k8s.api.core.v1.Pod"),
          entry("apps/v1/Deployment", "io.k8s.api.apps.v1.Deployment"),
          entry("policy/v1/PodDisruptionBudget", "io.k8s.api.policy.v1.PodDisruptionBudget"),
          entry("networking.k8s.io/v1/NetworkPolicy", "io.k8s.api.networking.v1.NetworkPolicy"),
          entry("networking.k8s.io/v1/Ingress", "io.k8s.api.networking.v1.Ingress"),
          entry(
              "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
              "io.k8s.api.rbac.v1.ClusterRoleBinding"),
          entry(
              "monitoring.coreos.com/v1/ServiceMonitor",
              "com.coreos.monitoring.v1.ServiceMonitor"));

  private final Map<String, Object> definitions = definitions();

  /** The definition of a manifest's kind. */
  static String definition(Map<String, Object> manifest) {
    String kind = manifest.get("apiVersion") + "/" + manifest.get("kind");
    return Objects.requireNonNull(DEFINITIONS.get(kind), kind);
  }

  /** What is wrong with a value of that definition; each problem with its place. */
  List<String> problems(String definition, Object value) {
    List<String> problems = new ArrayList<>();
    check(reference(definition), value, "", problems);
    return problems;
  }

  private void check(
      Map<String, Object> given, @Nullable Object value, String place, List<String> problems) {
    Map<String, Object> schema =
        given.get("$ref") instanceof String reference
            ? reference(reference.substring(REFERENCE.length()))
            : given;
    switch (String.valueOf(schema.get("type"))) {
      case "object" -> object(schema, value, place, problems);
      case "array" -> array(schema, value, place, problems);
      case "string" -> text(schema, value, place, problems);
      case "integer" -> expect(value instanceof Integer || value instanceof Long, place, problems);
      case "number" -> expect(value instanceof Number, place, problems);
      case "boolean" -> expect(value instanceof Boolean, place, problems);
      default -> problems.add(place + ": the schema says nothing of it");
    }
  }

  private void object(
      Map<String, Object> schema, @Nullable Object value, String place, List<String> problems) {
    if (!(value instanceof Map<?, ?> map)) {
      problems.add(place + ": no mapping");
      return;
    }
    if (schema.get("required") instanceof List<?> required) {
      required.stream()
          .filter(name -> !map.containsKey(name))
          .forEach(name -> problems.add(place + "." + name + ": missing"));
    }
    Map<?, ?> properties =
        schema.get("properties") instanceof Map<?, ?> declared ? declared : Map.of();
    Object others = schema.get("additionalProperties");
    map.forEach(
        (name, member) -> {
          Object property = properties.get(name);
          Object chosen = property == null ? others : property;
          if (chosen == null) {
            problems.add(place + "." + name + ": unknown");
          } else {
            check(Documents.map(chosen), member, place + "." + name, problems);
          }
        });
  }

  private void array(
      Map<String, Object> schema, @Nullable Object value, String place, List<String> problems) {
    if (!(value instanceof List<?> list)) {
      problems.add(place + ": no list");
      return;
    }
    Map<String, Object> items = Documents.map(Objects.requireNonNull(schema.get("items")));
    for (int at = 0; at < list.size(); at++) {
      check(items, list.get(at), place + "." + at, problems);
    }
  }

  private static void text(
      Map<String, Object> schema, @Nullable Object value, String place, List<String> problems) {
    if ("int-or-string".equals(schema.get("format")) && value instanceof Integer) {
      return;
    }
    expect(value instanceof String, place, problems);
    if (schema.get("enum") instanceof List<?> allowed && !allowed.contains(value)) {
      problems.add(place + ": " + value + " is none of " + allowed);
    }
    if (String.valueOf(schema.get("description")).startsWith("Quantity is a fixed-point")
        && !QUANTITY.matcher(String.valueOf(value)).matches()) {
      problems.add(place + ": " + value + " is no quantity");
    }
  }

  private static void expect(boolean right, String place, List<String> problems) {
    if (!right) {
      problems.add(place + ": of another type");
    }
  }

  private Map<String, Object> reference(String definition) {
    return Documents.map(Objects.requireNonNull(definitions.get(definition), definition));
  }

  private static Map<String, Object> definitions() {
    try (InputStream file = KubernetesSchema.class.getResourceAsStream(RESOURCE)) {
      byte[] json = Objects.requireNonNull(file, RESOURCE).readAllBytes();
      return Objects.requireNonNull(
          JSONObjectUtils.getJSONObject(
              JSONObjectUtils.parse(new String(json, StandardCharsets.UTF_8)), "definitions"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ParseException e) {
      throw new IllegalStateException(e);
    }
  }
}
