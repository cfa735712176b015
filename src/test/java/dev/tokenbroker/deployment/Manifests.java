package dev.tokenbroker.deployment;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Manifests for Kubernetes, in the order in which they are applied. */
final class Manifests {

  static final Path FOLDER = Path.of("src/main/kubernetes");

  private final List<Map<String, Object>> all;

  Manifests(List<Map<String, Object>> all) {
    this.all = all;
  }

  /** The shipped ones. */
  static Manifests shipped() {
    return new Manifests(
        files().stream().flatMap(file -> Documents.of(FOLDER.resolve(file)).stream()).toList());
  }

  static Map<String, Object> kustomization() {
    return Documents.one(FOLDER.resolve("kustomization.yaml"));
  }

  /** The files that the shipped kustomization names. */
  static List<String> files() {
    return Documents.texts(kustomization(), "resources");
  }

  List<Map<String, Object>> all() {
    return all;
  }

  List<Map<String, Object>> ofKind(String kind) {
    return all.stream().filter(manifest -> kind.equals(manifest.get("kind"))).toList();
  }

  /** The only one of its kind. */
  Map<String, Object> only(String kind) {
    List<Map<String, Object>> found = ofKind(kind);
    if (found.size() != 1) {
      throw new IllegalStateException(found.size() + " of " + kind);
    }
    return found.getFirst();
  }

  Map<String, Object> pod() {
    return Documents.map(only("Deployment"), "spec.template.spec");
  }

  Map<String, Object> container() {
    return Documents.maps(pod(), "containers").getFirst();
  }

  /** The number of a container's port. */
  int port(Object name) {
    return Documents.maps(container(), "ports").stream()
        .filter(port -> name.equals(port.get("name")))
        .map(port -> (Integer) Objects.requireNonNull(port.get("containerPort")))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no port " + name));
  }

  /** The variables of the container's environment. */
  List<Map<String, Object>> environment() {
    return Documents.maps(container(), "env");
  }

  /** The value of a variable of the container's environment; empty for none. */
  String environment(String name) {
    return environment().stream()
        .filter(variable -> name.equals(variable.get("name")))
        .map(variable -> (String) Objects.requireNonNull(variable.get("value")))
        .findFirst()
        .orElse("");
  }
}
