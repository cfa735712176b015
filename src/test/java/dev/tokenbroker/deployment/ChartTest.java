package dev.tokenbroker.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.ShippedFederations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds the Helm chart, rendered by Helm for each set of values, to the schemas of what it renders,
 * to the rules of the project and to the broker.
 *
 * <p>With {@code -Dmanifests.write=true} it writes the plain manifests anew.
 */
class ChartTest {

  private static final int SETS = 13;
  private static final int MOST_VALUES = 27;

  /** What has no default that could be left out. */
  private static final Set<String> REQUIRED =
      Set.of(
          "image",
          "replicas",
          "tokenIssuer",
          "federation",
          "federation.document",
          "signingKeySecret",
          "tls",
          "tls.secret",
          "resources",
          "resources.limits");

  private static final boolean WRITE = Boolean.getBoolean("manifests.write");

  private static final Pattern ROW = Pattern.compile("^\\| `([\\w.]+)` \\| ([^|]*) \\|");
  private static final KubernetesSchema SCHEMA = new KubernetesSchema();
  private static final TypedModels MODELS = new TypedModels();

  private static final Map<String, Map<String, String>> RENDERED = new LinkedHashMap<>();

  @TempDir static Path chartFolder;
  @TempDir Path folder;

  private static Chart chart;

  @BeforeAll
  static void renders_each_set() throws IOException {
    chart = new Chart(chartFolder);
    for (String set : Chart.sets()) {
      RENDERED.put(set, chart.render(set));
    }
  }

  static List<String> sets() {
    return Chart.sets();
  }

  @Test
  void renders_each_template_for_one_of_thirteen_sets_of_values() throws IOException {
    Path templates = Chart.FOLDER.resolve("templates");
    Set<String> rendered =
        RENDERED.values().stream()
            .flatMap(files -> files.keySet().stream())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(RENDERED).hasSize(SETS);
    try (Stream<Path> files = Files.walk(templates)) {
      assertThat(files.map(file -> templates.relativize(file).toString()))
          .filteredOn(file -> file.endsWith(".yaml"))
          .allSatisfy(file -> assertThat(rendered).contains(file));
    }
  }

  @Test
  void the_chart_installs_the_version_of_the_build() {
    Map<String, Object> description = Documents.one(Chart.FOLDER.resolve("Chart.yaml"));
    String version = version();

    assertThat(Documents.text(Path.of("pom.xml")))
        .contains("<artifactId>token-broker</artifactId>\n  <version>" + version);
    assertThat(description).containsEntry("version", version);
    assertThat(Documents.one(Chart.FOLDER.resolve("values.yaml")))
        .containsEntry("image", "token-broker:" + version);
  }

  @ParameterizedTest
  @MethodSource("sets")
  void helm_finds_nothing_to_complain_of(String set) throws IOException {
    LintResult result = chart.lint(set);

    assertThat(result.getMessages())
        .as("a message that there is no icon, since the project has none")
        .isEqualTo(List.of("[INFO] Chart.yaml: icon is recommended"));
    assertThat(result.isFailed()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tokenIssuer: ''                           | tokenIssuer",
        "tokenIssuer: http://broker.acme.example   | tokenIssuer",
        "replica: 2                                | replica",
        "replicas: '2'                             | replicas",
        "image: token-broker                       | image",
        "federation: {document: ''}                | federation.document is required",
        "federation: {document: a, existing: {secret: b}} | not both",
        "federation: {existing: {secret: a, configMap: b}} | existing",
        "federation: {document: a, root: {secret: b}} | not both",
        "federation: {existing: {secret: a}, root: {secret: b}} | not both",
        "federation: {document: a, teams: [{configMap: b, files: [b.yaml]}]} | federation.root",
        "federation: {root: {secret: a}, teams: [{configMap: b}]} | files",
        "federation: {root: {secret: a}, teams: [{configMap: b, files: [../b.yaml]}]} | files",
        "tls: {secret: ''}                         | tls",
        "tls: {certManager: {kind: Issuer}}        | certManager",
        "store: {address: 'redis://valkey:6379', secret: a} | address",
        "store: {address: 'valkey:6379'}           | secret",
        "resources: {limits: null}                 | limits",
        "ingress: {className: nginx}               | tlsSecret",
        "gateway: {authority: a}                   | parentRefs",
        "gateway: {grpcHostname: a.example}        | parentRefs",
        "gateway: {parentRefs: [{name: a}], grpcHostname: broker.acme.example} | gateway.grpcHostname",
        "networkPolicy: {egressPorts: [https]}     | egressPorts",
        "monitoring: {serviceMonitors: true}       | serviceMonitors",
        "env: [{name: A, values: b}]               | values",
        "env: [{name: A, value: b}, {name: A, value: c}] | must not set A:",
        "env: [{name: QUARKUS_HTTP_INSECURE_REQUESTS, value: enabled}] | QUARKUS_HTTP_INSECURE_REQUESTS",
        "env: [{name: quarkus_tls_key_store_pem__0__key, value: a}] | quarkus_tls_key_store_pem__0__key",
        "{store: {address: 'a:1', secret: a}, env: [{name: QUARKUS_REDIS_HOSTS, value: b}]} | QUARKUS_REDIS_HOSTS",
      })
  void refuses_values_that_it_does_not_understand(String broken, String named) throws IOException {
    Map<String, Object> values = Documents.one(Chart.values("minimal"));
    values.putAll(Documents.ofText(broken).getFirst());
    Path file = folder.resolve("values.yaml");
    Documents.write(file, values);

    assertThatThrownBy(() -> chart.render(file))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(named);
  }

  @Test
  void refuses_a_path_in_the_address_of_an_ingress_at_its_root() throws IOException {
    Path file = folder.resolve("values.yaml");
    Map<String, Object> values = Documents.one(Chart.values("ingress"));
    values.put("tokenIssuer", "https://acme.example/broker");
    Documents.write(file, values);

    assertThatThrownBy(() -> chart.render(file)).hasMessageContaining("must have no path");
  }

  static List<String> names() {
    Map<String, Object> values = Documents.one(Chart.FOLDER.resolve("values.yaml"));
    Map<String, String> leaves = new LinkedHashMap<>();
    leaves("", values, leaves);
    return Stream.concat(
            Stream.concat(values.keySet().stream(), leaves.keySet().stream()),
            Stream.of("resources.requests", "resources.limits"))
        .distinct()
        .toList();
  }

  /** Helm takes a null as the wish to have no such value. */
  @ParameterizedTest
  @MethodSource("names")
  void null_leaves_a_value_out_or_is_refused_by_name(String name) throws IOException {
    Map<String, Object> values = Documents.one(Chart.values("minimal"));
    Map<String, Object> section = values;
    String last = name;
    if (name.contains(".")) {
      last = name.substring(name.indexOf('.') + 1);
      section =
          Documents.map(
              values.computeIfAbsent(
                  name.substring(0, name.indexOf('.')), _ -> new LinkedHashMap<String, Object>()));
    }
    section.put(last, null);
    Path file = folder.resolve("values.yaml");
    Documents.write(file, values);

    if (REQUIRED.contains(name)) {
      assertThatThrownBy(() -> chart.render(file))
          .hasMessageContaining(last)
          .hasMessageNotContaining("nil pointer");
    } else {
      assertThat(chart.render(file)).isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "broker, broker-token-broker",
    "token-broker.prod, token-broker-prod",
    "eu.west, eu-west-token-broker",
    "a23456789-123456789-123456789-1234, a23456789-123456789-123456789-1234-token-broker",
    "a23456789-123456789-123456789-12345678901, a23456789-123456789-123456789-12345678901-token-br",
    "a23456789-123456789-123456789-123456789-123456789, a23456789-123456789-123456789-123456789-123456789",
    "1st, must begin with a letter",
    "12345678901234567890123456789012345678901234567890123, must begin with a letter",
  })
  void the_name_of_the_release_becomes_that_of_a_service(String release, String name) {
    Path values = Chart.values("minimal");
    if (name.contains(" ")) {
      assertThatThrownBy(() -> chart.render(release, values)).hasMessageContaining(name);
      return;
    }
    assertThat(Chart.manifests(chart.render(release, values)).ofKind("Service"))
        .extracting(service -> Documents.get(service, "metadata.name"))
        .containsExactly(name, name + "-metrics");
  }

  @ParameterizedTest
  @CsvSource({
    "ingress, Ingress, spec.rules.0.host",
    "gateway, HTTPRoute, spec.hostnames.0",
  })
  void a_host_has_no_capitals(String set, String kind, String place) throws IOException {
    Path file = folder.resolve("values.yaml");
    Map<String, Object> values = Documents.one(Chart.values(set));
    values.put("tokenIssuer", "https://Broker.Acme.example");
    Documents.write(file, values);

    assertThat(Documents.get(Chart.manifests(chart.render(file)).ofKind(kind).getFirst(), place))
        .isEqualTo("broker.acme.example");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "minimal | $(TOKEN_BROKER_TOKEN_ISSUER),https://token-broker.token-broker.svc:8443,https://token-broker.token-broker.svc:9000",
        "gateway | $(TOKEN_BROKER_TOKEN_ISSUER),https://token-broker.token-broker.svc:8443,https://token-broker.token-broker.svc:9000,https://grpc.broker.acme.example",
        "proxies | https://broker.acme.example",
      })
  void a_proof_may_name_each_address_unless_env_restricts_it(String set, String addresses) {
    assertThat(of(set).environment("TOKEN_BROKER_DPOP_BASE_URLS")).isEqualTo(addresses);
  }

  @Test
  void a_gateway_has_no_route_for_grpc_without_a_host_for_it() throws IOException {
    Path file = folder.resolve("values.yaml");
    Map<String, Object> values = Documents.one(Chart.values("gateway"));
    Documents.map(values, "gateway").remove("grpcHostname");
    Documents.write(file, values);

    Manifests manifests = Chart.manifests(chart.render(file));
    assertThat(manifests.ofKind("HTTPRoute")).hasSize(1);
    assertThat(manifests.ofKind("GRPCRoute")).isEmpty();
  }

  @Test
  void a_document_that_begins_with_spaces_stays_as_it_is() throws IOException {
    Path file = folder.resolve("values.yaml");
    String document = "    # The issuers.\nissuers: []\n";
    Map<String, Object> values = Documents.one(Chart.values("minimal"));
    values.put("federation", Map.of("document", document));
    Documents.write(file, values);

    Map<String, Object> map = Chart.manifests(chart.render(file)).only("ConfigMap");
    assertThat(Documents.map(map, "data")).containsEntry("federation.yaml", document);
  }

  @Test
  void the_files_of_teams_lie_apart_from_the_root_document_and_none_brings_another() {
    Map<String, Map<String, Object>> volumes = new LinkedHashMap<>();
    for (Object volume :
        (List<?>) Documents.get(of("teams").only("Deployment"), "spec.template.spec.volumes")) {
      Map<String, Object> one = Documents.map(Map.of("volume", volume), "volume");
      volumes.put(String.valueOf(one.get("name")), one);
    }
    Map<String, Object> root = Objects.requireNonNull(volumes.get("federation-root"));
    Map<String, Object> files = Objects.requireNonNull(volumes.get("federation"));

    assertThat(Documents.get(root, "secret.secretName")).isEqualTo("federation-platform");
    assertThat(of("teams").environment("TOKEN_BROKER_FEDERATION_ROOT"))
        .isEqualTo("/etc/token-broker/federation-root/federation.yaml");
    assertThat(Documents.get(files, "projected.sources.0.configMap.items"))
        .isEqualTo(
            List.of(
                Map.of("key", "orders.yaml", "path", "orders.yaml"),
                Map.of("key", "orders.cases.yaml", "path", "orders.cases.yaml")));
    assertThat(Documents.get(files, "projected.sources.1.secret.name"))
        .isEqualTo("federation-payments");
  }

  @ParameterizedTest
  @MethodSource("sets")
  void every_manifest_is_as_its_schema_or_model_says(String set) {
    assertThat(all(set))
        .hasSizeGreaterThan(5)
        .allSatisfy(
            manifest ->
                assertThat(problems(manifest)).as(String.valueOf(manifest.get("kind"))).isEmpty());
  }

  @ParameterizedTest
  @CsvSource({
    "gateway, HTTPRoute, spec, hostname",
    "gateway, GRPCRoute, spec.rules.0.matches.0.method, services",
    "gateway, BackendTLSPolicy, spec.validation, hostnames",
    "monitoring, ServiceMonitor, spec.endpoints.0.tlsConfig, servername",
    "monitoring, PrometheusRule, spec.groups.0.rules.0, expression",
    "cert-manager, Certificate, spec.privateKey, bits",
  })
  void an_unknown_field_is_found(String set, String kind, String place, String field) {
    Map<String, Object> manifest = of(set).only(kind);
    assertThat(problems(manifest)).isEmpty();

    Documents.map(manifest, place).put(field, "x");

    assertThat(problems(manifest))
        .singleElement()
        .asString()
        .startsWith("Unrecognized field \"" + field + "\"");
  }

  @ParameterizedTest
  @MethodSource("sets")
  void every_set_keeps_the_rules(String set) {
    Manifests manifests = new Manifests(all(set));
    assertThat(ManifestRules.problems(manifests)).isEmpty();
    assertThat(manifests.ofKind("Pod")).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Deployment | spec.template.spec.securityContext | runAsNonRoot: false | runAsNonRoot",
        "Deployment | spec.template.spec.securityContext | runAsUser: 0 | runAsUser",
        "Deployment | spec.template.spec | enableServiceLinks: true | enableServiceLinks",
        "Deployment | spec.template.spec | hostNetwork: true | hostNetwork",
        "Deployment | spec.template.spec.volumes.0 | {configMap: null, emptyDir: {}} | a volume that is neither ConfigMap nor Secret",
        "Deployment | spec.template.spec.containers.0.securityContext | readOnlyRootFilesystem: false | root file system",
        "Deployment | spec.template.spec.containers.0.securityContext | capabilities: {} | capabilities",
        "Deployment | spec.template.spec.containers.0.volumeMounts.0 | readOnly: false | a writable mount",
        "Deployment | spec.template.spec.containers.0.resources | limits: {} | no limit of memory",
        "Deployment | spec.template.spec.containers.0.env.0 | value: http://x | TOKEN_BROKER_FEDERATION_PATH without TLS",
        "Deployment | spec.template.spec.containers.0.livenessProbe.httpGet | scheme: HTTP | livenessProbe",
        "Pod | spec | automountServiceAccountToken: null | automount is not said",
        "Pod | spec.containers.0 | command: [sh] | a command, which the image has",
        "Service | spec.ports.0 | targetPort: 8080 | port without TLS",
        "ServiceMonitor | spec.endpoints.0 | scheme: http | scrapes without TLS",
        "ServiceMonitor | spec.endpoints.0 | relabelings: [] | one job for two namespaces",
        "ServiceMonitor | spec.endpoints.0.relabelings.0 | sourceLabels: [service] | one job for two namespaces",
        "ServiceMonitor | spec.endpoints.0.tlsConfig | insecureSkipVerify: true | scrapes any server",
        "Ingress | spec | tls: [] | Ingress without TLS for a host",
        "Ingress | spec.rules.0.http.paths.0 | path: /verdicts | a path for operators",
        "HTTPRoute | spec.rules.0.matches.0.path | value: / | a path for operators",
        "BackendTLSPolicy | spec | targetRefs: [] | a route to a Service without TLS",
        "GRPCRoute | spec | hostnames: [broker.acme.example] | routes of two kinds for a host",
      })
  void a_broken_rule_is_found(String kind, String place, String broken, String rule) {
    List<Map<String, Object>> manifests =
        all(
            switch (kind) {
              case "Ingress" -> "ingress";
              case "BackendTLSPolicy", "GRPCRoute", "HTTPRoute" -> "gateway";
              default -> "monitoring";
            });
    Map<String, Object> manifest = new Manifests(manifests).ofKind(kind).getFirst();
    Documents.map(manifest, place).putAll(Documents.ofText(broken).getFirst());
    Documents.map(manifest, place).values().removeIf(Objects::isNull);

    assertThat(ManifestRules.problems(new Manifests(manifests))).isNotEmpty().containsOnly(rule);
  }

  @ParameterizedTest
  @MethodSource("sets")
  void the_federation_document_passes_the_check(String set) throws IOException {
    List<Map<String, Object>> maps =
        of(set).ofKind("ConfigMap").stream()
            .filter(map -> Documents.map(map, "data").containsKey("federation.yaml"))
            .toList();
    assertThat(maps).hasSize(Set.of("config-map", "secret", "teams").contains(set) ? 0 : 1);
    for (Map<String, Object> map : maps) {
      Path document = folder.resolve("federation.yaml");
      Files.writeString(document, (String) Documents.map(map, "data").get("federation.yaml"));
      assertThat(ShippedFederations.load(document)).isInstanceOf(LoadResult.Loaded.class);
    }
  }

  @ParameterizedTest
  @MethodSource("sets")
  void every_variable_of_the_broker_is_a_setting_of_it(String set) throws IOException {
    Set<String> known =
        Files.readAllLines(Path.of("src/test/resources/golden/settings.txt")).stream()
            .map(line -> line.replaceFirst(" .*", "").replaceAll("[^A-Za-z0-9]", "_"))
            .map(name -> name.toUpperCase(Locale.ROOT))
            .collect(Collectors.toSet());
    assertThat(of(set).environment())
        .extracting(variable -> String.valueOf(variable.get("name")))
        .doesNotHaveDuplicates()
        .filteredOn(name -> name.startsWith("TOKEN_BROKER_"))
        .isNotEmpty()
        .isSubsetOf(known);
  }

  /** What a set does not make must be named where the platform's engineer reads it. */
  @ParameterizedTest
  @MethodSource("sets")
  void the_notes_name_whatever_must_exist_and_the_first_token(String set) {
    Manifests manifests = of(set);
    String notes = Documents.get(one(set, Chart.NOTES), "data.text").toString();
    Set<Object> made =
        Stream.of("ConfigMap", "Secret")
            .flatMap(kind -> manifests.ofKind(kind).stream())
            .map(manifest -> Documents.get(manifest, "metadata.name"))
            .collect(Collectors.toSet());
    Stream<Object> mounted =
        Documents.maps(manifests.pod(), "volumes").stream()
            .filter(volume -> !volume.containsKey("projected")) // its objects may be missing
            .map(
                volume ->
                    volume.containsKey("secret")
                        ? Documents.get(volume, "secret.secretName")
                        : Documents.get(volume, "configMap.name"));
    assertThat(mounted.filter(name -> !made.contains(name)))
        .hasSizeGreaterThanOrEqualTo(2)
        .allSatisfy(
            name -> {
              boolean certificate =
                  manifests.ofKind("Certificate").stream()
                      .anyMatch(it -> name.equals(Documents.get(it, "spec.secretName")));
              assertThat(certificate || notes.contains(" " + name)).as(name.toString()).isTrue();
            });
    assertThat(notes).contains("helm test token-broker", "/token \\", "src/docs/use/refusals.md");
    assertThat(notes.contains(" token-broker.dev/caller=true"))
        .isEqualTo(!manifests.ofKind("NetworkPolicy").isEmpty());
    if (manifests.ofKind("Certificate").isEmpty()) { // whose authority cert-manager gives
      assertThat(
              manifests.ofKind("ServiceMonitor").stream()
                  .flatMap(monitor -> Documents.maps(monitor, "spec.endpoints").stream())
                  .map(endpoint -> Documents.find(endpoint, "tlsConfig.ca.secret.key"))
                  .filter(Objects::nonNull))
          .allSatisfy(authority -> assertThat(notes).contains("(and " + authority + ","));
    }
  }

  @ParameterizedTest
  @MethodSource("sets")
  void whatever_names_a_service_names_one_of_the_release(String set) {
    Manifests manifests = of(set);
    Map<Object, List<Object>> services = new LinkedHashMap<>();
    manifests
        .ofKind("Service")
        .forEach(
            service ->
                services.put(
                    Documents.get(service, "metadata.name"),
                    Documents.maps(service, "spec.ports").stream()
                        .flatMap(port -> Stream.of(port.get("name"), port.get("port")))
                        .map(Objects::requireNonNull)
                        .toList()));
    List<Map.Entry<Object, Object>> named = new ArrayList<>();
    manifests.ofKind("Ingress").stream()
        .flatMap(ingress -> Documents.maps(ingress, "spec.rules.0.http.paths").stream())
        .map(path -> Documents.map(path, "backend.service"))
        .forEach(
            service ->
                named.add(
                    Map.entry(
                        Documents.get(service, "name"), Documents.get(service, "port.name"))));
    Stream.concat(manifests.ofKind("HTTPRoute").stream(), manifests.ofKind("GRPCRoute").stream())
        .flatMap(route -> Documents.maps(route, "spec.rules.0.backendRefs").stream())
        .forEach(
            backend ->
                named.add(
                    Map.entry(Documents.get(backend, "name"), Documents.get(backend, "port"))));
    assertThat(named)
        .hasSize(
            switch (set) {
              case "ingress" -> 6;
              case "gateway" -> 2;
              default -> 0;
            })
        .allSatisfy(entry -> assertThat(services.get(entry.getKey())).contains(entry.getValue()));
  }

  @Test
  void the_rules_and_the_dashboard_are_the_shipped_ones() throws ParseException {
    Manifests manifests = of("monitoring");
    assertThat(Documents.map(manifests.only("PrometheusRule"), "spec"))
        .isEqualTo(Documents.one(Path.of("docker/prometheus/rules.yml")));
    String dashboard =
        manifests.ofKind("ConfigMap").stream()
            .map(map -> Documents.map(map, "data").get("token-broker.json"))
            .filter(Objects::nonNull)
            .findFirst()
            .orElseThrow()
            .toString();
    assertThat(JSONObjectUtils.parse(dashboard))
        .isEqualTo(
            JSONObjectUtils.parse(
                Documents.text(Path.of("docker/grafana/dashboards/token-broker.json"))));
  }

  /** The chart has links to them, which Helm follows. */
  @Test
  void the_package_holds_the_rules_and_the_dashboard() throws IOException {
    new Helm(Chart.FOLDER).packageIt().withDestination(folder).call();

    byte[] archive;
    try (InputStream file =
        new GZIPInputStream(
            Files.newInputStream(folder.resolve(Chart.NAME + "-" + version() + ".tgz")))) {
      archive = file.readAllBytes();
    }
    assertThat(new String(archive, StandardCharsets.UTF_8))
        .contains(
            Documents.text(Path.of("docker/prometheus/rules.yml")),
            Documents.text(Path.of("docker/grafana/dashboards/token-broker.json")));
  }

  @Test
  void the_plain_manifests_are_what_the_chart_renders() throws IOException {
    Map<String, String> plain = new LinkedHashMap<>(rendered(Chart.PLAIN));
    plain.keySet().removeAll(List.of(Chart.NOTES, Chart.TEST_POD));
    if (WRITE) {
      for (Map.Entry<String, String> file : plain.entrySet()) {
        Files.writeString(Manifests.FOLDER.resolve(file.getKey()), file.getValue());
      }
    }
    assertThat(plain.keySet())
        .containsExactlyInAnyOrderElementsOf(
            Manifests.files().stream().filter(file -> !file.equals("namespace.yaml")).toList());
    assertThat(plain)
        .allSatisfy(
            (file, text) ->
                assertThat(Documents.text(Manifests.FOLDER.resolve(file)))
                    .as("%s; -Dmanifests.write=true writes it anew", file)
                    .isEqualTo(text));
  }

  @Test
  void the_page_lists_each_of_the_few_values_with_its_default() {
    Map<String, String> rows = new LinkedHashMap<>();
    Documents.text(Path.of("src/docs/operate/helm.md"))
        .lines()
        .map(ROW::matcher)
        .filter(Matcher::find)
        .forEach(row -> rows.put(row.group(1), row.group(2).strip()));
    Map<String, String> values = new LinkedHashMap<>();
    leaves("", Documents.one(Chart.FOLDER.resolve("values.yaml")), values);

    assertThat(rows).containsExactlyEntriesOf(values);
    assertThat(values).hasSizeLessThanOrEqualTo(MOST_VALUES);
  }

  private static String version() {
    return Documents.get(Documents.one(Chart.FOLDER.resolve("Chart.yaml")), "appVersion")
        .toString();
  }

  /** Sections are two levels deep; what is deeper is one value. */
  private static void leaves(String under, Map<String, Object> section, Map<String, String> into) {
    section.forEach(
        (name, value) -> {
          boolean sections =
              Set.of("federation", "tls", "networkPolicy", "monitoring").contains(name);
          if (under.isEmpty() && sections) {
            leaves(name + ".", Documents.map(value), into);
          } else {
            into.put(under + name, shown(value));
          }
        });
  }

  private static String shown(Object value) {
    return switch (value) {
      case Map<?, ?> map -> map.isEmpty() ? "none" : "see `values.yaml`";
      case List<?> list when list.isEmpty() -> "none";
      case List<?> list when list.getFirst() instanceof Map -> "see `values.yaml`";
      case String text when text.isEmpty() -> "none";
      default -> "`" + value + "`";
    };
  }

  private static List<String> problems(Map<String, Object> manifest) {
    String kind = manifest.get("apiVersion") + "/" + manifest.get("kind");
    return TypedModels.know(kind)
        ? MODELS.problems(kind, manifest)
        : SCHEMA.problems(KubernetesSchema.definition(manifest), manifest);
  }

  private static Map<String, String> rendered(String set) {
    return Objects.requireNonNull(RENDERED.get(set), set);
  }

  private static Manifests of(String set) {
    return Chart.manifests(rendered(set));
  }

  /** The manifests of a set and the pod of its test. */
  private static List<Map<String, Object>> all(String set) {
    List<Map<String, Object>> all = new ArrayList<>(of(set).all());
    all.add(one(set, Chart.TEST_POD));
    return all;
  }

  private static Map<String, Object> one(String set, String template) {
    return Documents.ofText(Objects.requireNonNull(rendered(set).get(template), template))
        .getFirst();
  }
}
