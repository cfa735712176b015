package dev.tokenbroker.deployment;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The bill of materials of the application, in CycloneDX' JSON, compared with the files that it
 * describes and with the licences that are allowed.
 *
 * <p>Libraries are compared by their SHA-256, so that a changed one is noticed as well as an added
 * or a missing one. {@code .ci/run rehearsal} and {@code docker/try} call {@link #main}.
 */
final class Sbom {

  /** What the build makes itself, beside the libraries. */
  private static final List<String> OWN =
      List.of(
          "quarkus-run.jar",
          "quarkus-app-dependencies.txt",
          "app/token-broker-[^/]+\\.jar",
          "quarkus/(generated|transformed)-bytecode\\.jar",
          "quarkus/quarkus-application\\.dat",
          // What an image has beside the application.
          "(LICENSE|token-broker|sbom\\.json|libamazonCorrettoCryptoProvider\\.so)");

  /** Libraries that Quarkus packs with entries left out: compared by name and version alone. */
  private static final Set<String> SHORTENED =
      Set.of("io.opentelemetry.opentelemetry-exporter-otlp");

  /** Libraries that Quarkus resolves and does not pack. */
  private static final Set<String> NOT_PACKED = Set.of("io.quarkus.quarkus-ide-launcher");

  private static final Pattern CLASSIFIER = Pattern.compile("[?&]classifier=([^&#]+)");

  private final List<Component> components;

  /**
   * One library.
   *
   * @param name group and artifact, with a dot between them
   * @param version and, where the library has one, its classifier
   * @param licences identifiers, expressions or names; empty where its POM says none
   */
  private record Component(String name, String version, String sha256, List<String> licences) {

    static Component of(Map<String, Object> json) {
      List<String> licences = new ArrayList<>();
      for (Map<String, Object> choice : list(json, "licenses")) {
        if (choice.get("license") instanceof Map<?, ?> licence) {
          licences.add(
              licence.get("id") instanceof String id ? id : String.valueOf(licence.get("name")));
        } else {
          licences.add(String.valueOf(choice.get("expression")));
        }
      }
      String sha256 =
          list(json, "hashes").stream()
              .filter(hash -> "SHA-256".equals(hash.get("alg")))
              .map(hash -> String.valueOf(hash.get("content")))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("without SHA-256: " + json.get("purl")));
      return new Component(
          json.get("group") + "." + json.get("name"),
          json.get("version") + classifier(String.valueOf(json.get("purl"))),
          sha256,
          licences);
    }

    private static String classifier(String purl) {
      Matcher classifier = CLASSIFIER.matcher(purl);
      return classifier.find() ? "-" + classifier.group(1) : "";
    }

    String file() {
      return name + "-" + version + ".jar";
    }
  }

  private Sbom(List<Component> components) {
    this.components = components;
  }

  static Sbom parse(String json) throws ParseException {
    List<Component> components =
        list(JSONObjectUtils.parse(json), "components").stream().map(Component::of).toList();
    if (components.isEmpty()) {
      throw new ParseException("the SBOM has no components", 0);
    }
    return new Sbom(components);
  }

  /**
   * What differs between the SBOM and the files below a directory, a line each; empty where they
   * agree.
   */
  List<String> differences(Path application) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    List<String> differences = new ArrayList<>();
    for (Path file : files(application)) {
      String path = application.relativize(file).toString();
      if (path.startsWith("lib/")) {
        files.put(file.getFileName().toString(), file);
      } else if (OWN.stream().noneMatch(path::matches)) {
        differences.add("not in the SBOM: " + path);
      }
    }
    for (Component component : components) {
      Path file = files.remove(component.file());
      if (file == null) {
        if (!NOT_PACKED.contains(component.name())) {
          differences.add("not in the application: " + component.file());
        }
      } else if (!SHORTENED.contains(component.name())
          && !component.sha256().equals(sha256(file))) {
        differences.add("other content than in the SBOM: " + component.file());
      }
    }
    files.keySet().forEach(file -> differences.add("not in the SBOM: " + file));
    return differences;
  }

  /** The libraries none of whose licences is allowed, a line each. */
  List<String> refused(Set<String> allowed) {
    return components.stream()
        .filter(component -> component.licences().stream().noneMatch(allowed::contains))
        .map(component -> "licence not allowed: " + component.file() + " " + component.licences())
        .toList();
  }

  int size() {
    return components.size();
  }

  /** The licences of a list with one a line, and lines of comment that begin with #. */
  static Set<String> licences(Path list) throws IOException {
    Set<String> licences = new TreeSet<>(Files.readAllLines(list));
    licences.removeIf(line -> line.isBlank() || line.startsWith("#"));
    return licences;
  }

  /** Compares an SBOM with an application and a list of licences; ends with 1 if they differ. */
  public static void main(String[] args) throws IOException, ParseException {
    Sbom sbom = parse(Files.readString(Path.of(args[0])));
    List<String> wrong = new ArrayList<>(sbom.differences(Path.of(args[1])));
    wrong.addAll(sbom.refused(licences(Path.of(args[2]))));
    wrong.forEach(System.err::println);
    if (!wrong.isEmpty()) {
      System.exit(1);
    }
    System.out.println(
        "SBOM and application agree: " + sbom.size() + " libraries, each with an allowed licence");
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String sha256(Path file) throws IOException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Map<String, Object> json, String member) {
    return json.get(member) instanceof List<?> list ? (List<Map<String, Object>>) list : List.of();
  }
}
