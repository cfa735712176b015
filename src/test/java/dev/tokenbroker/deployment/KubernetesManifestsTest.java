package dev.tokenbroker.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.ShippedFederations;
import dev.tokenbroker.peers.http.FetchFlight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the manifests to the schemas of Kubernetes, to each other and to the broker. */
class KubernetesManifestsTest {

  private static final long KIBIBYTE = 1024;
  private static final long MEBIBYTE = 1024 * KIBIBYTE;

  /** What is resident without any heap, and buffers of sockets. */
  private static final int BESIDE_THE_HEAP_MEBIBYTES = 30 + 64;

  private static final KubernetesSchema SCHEMA = new KubernetesSchema();

  private final Manifests manifests = Manifests.shipped();

  @TempDir Path folder;

  @Test
  void every_manifest_is_as_its_schema_says() {
    assertThat(manifests.all())
        .hasSizeGreaterThanOrEqualTo(8)
        .allSatisfy(
            manifest ->
                assertThat(SCHEMA.problems(KubernetesSchema.definition(manifest), manifest))
                    .as(String.valueOf(manifest.get("kind")))
                    .isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "spec | replica: 3 | replica: unknown",
        "spec | replicas: '3' | replicas: of another type",
        "spec | template: [] | template: no mapping",
        "spec.template.spec | containers: {} | containers: no list",
        "spec.template.spec | containers: [{image: b}] | containers.0.name: missing",
        "spec.template.spec | restartPolicy: Sometimes | restartPolicy: Sometimes is none of [Always, Never, OnFailure]",
        "spec.template.spec.containers.0.securityContext | privileged: 1 | privileged: of another type",
        "spec.template.spec.containers.0.resources.limits | memory: lots | memory: lots is no quantity",
      })
  void what_is_not_is_found(String place, String broken, String problem) throws IOException {
    Map<String, Object> manifest = manifests.only("Deployment");
    Documents.map(manifest, place)
        .putAll(Documents.one(Files.writeString(folder.resolve("broken.yaml"), broken)));

    assertThat(SCHEMA.problems(KubernetesSchema.definition(manifest), manifest))
        .containsExactly("." + place + "." + problem);
  }

  @Test
  void every_file_is_applied_and_everything_is_in_the_namespace() throws IOException {
    try (Stream<Path> files = Files.list(Manifests.FOLDER)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(file -> !file.equals("kustomization.yaml"))
          .containsExactlyInAnyOrderElementsOf(Manifests.files());
    }
    Object namespace = Documents.get(manifests.only("Namespace"), "metadata.name");
    assertThat(Manifests.kustomization()).containsEntry("namespace", namespace);
    assertThat(manifests.all())
        .filteredOn(manifest -> !"Namespace".equals(manifest.get("kind")))
        .allSatisfy(
            manifest ->
                assertThat(Documents.get(manifest, "metadata.namespace")).isEqualTo(namespace));
  }

  @Test
  void the_federation_is_valid_and_is_where_the_broker_looks() throws IOException {
    Map<String, Object> map = manifests.only("ConfigMap");
    for (Map.Entry<String, Object> file : Documents.map(map, "data").entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), (String) file.getValue());
    }
    assertThat(ShippedFederations.load(folder)).isInstanceOf(LoadResult.Loaded.class);

    assertThat(mountedFrom("configMap.name", Documents.get(map, "metadata.name")))
        .isEqualTo(manifests.environment("TOKEN_BROKER_FEDERATION_PATH"));
  }

  @Test
  void keys_and_certificate_are_files_of_mounted_secrets() {
    assertThat(
            Stream.of(
                "TOKEN_BROKER_TOKEN_KEY_FILES",
                "QUARKUS_TLS_KEY_STORE_PEM__0__CERT",
                "QUARKUS_TLS_KEY_STORE_PEM__0__KEY"))
        .allSatisfy(
            variable ->
                assertThat(secretMounts())
                    .anyMatch(mount -> manifests.environment(variable).startsWith(mount + "/")));
  }

  // A gRPC probe of the kubelet speaks no TLS, and the gRPC port of this deployment does.
  @ParameterizedTest
  @CsvSource({
    "startupProbe, /q/health/started",
    "livenessProbe, /q/health/live",
    "readinessProbe, /q/health/ready"
  })
  void probes_ask_over_https_at_the_management_port(String probe, String path) {
    assertThat(Documents.map(manifests.container(), probe))
        .containsEntry("httpGet", Map.of("path", path, "port", "management", "scheme", "HTTPS"))
        .doesNotContainKeys("grpc", "tcpSocket", "exec");
  }

  @Test
  void ports_match_the_broker_and_the_other_manifests() throws IOException {
    assertThat(manifests.port("management")).isEqualTo(9100); // quarkus.management.port
    assertThat(manifests.environment("QUARKUS_HTTP_INSECURE_REQUESTS")).isEqualTo("disabled");
    assertThat(manifests.environment("QUARKUS_HTTP_SSL_PORT"))
        .isEqualTo(String.valueOf(manifests.port("https")));
    assertThat(manifests.port("grpc")).isEqualTo(Math.toIntExact(number(settings(), "grpc.port")));
    assertThat(manifests.ofKind("Service"))
        .flatExtracting(service -> Documents.maps(service, "spec.ports"))
        .allSatisfy(
            port ->
                assertThat(port.get("port"))
                    .isEqualTo(manifests.port(Objects.requireNonNull(port.get("targetPort")))));
    assertThat(Documents.maps(manifests.only("NetworkPolicy"), "spec.ingress"))
        .flatExtracting(rule -> Documents.maps(rule, "ports"))
        .extracting(port -> manifests.port(Objects.requireNonNull(port.get("port"))))
        .containsExactly(
            manifests.port("grpc"), manifests.port("https"), manifests.port("management"));
  }

  @Test
  void every_selector_finds_the_pods() {
    Map<String, Object> labels =
        Documents.map(manifests.only("Deployment"), "spec.template.metadata.labels");
    assertThat(
            Stream.concat(
                manifests.ofKind("Service").stream()
                    .map(service -> Documents.map(service, "spec.selector")),
                Stream.of(
                    Documents.map(manifests.only("Deployment"), "spec.selector.matchLabels"),
                    Documents.map(
                        manifests.only("PodDisruptionBudget"), "spec.selector.matchLabels"),
                    Documents.map(
                        manifests.only("NetworkPolicy"), "spec.podSelector.matchLabels"))))
        .hasSize(5)
        .allSatisfy(selector -> assertThat(labels).containsAllEntriesOf(selector));
  }

  @Test
  void the_service_monitor_finds_the_service_with_management_port() {
    Map<String, Object> monitor = manifests.only("ServiceMonitor");
    Map<String, Object> wanted = Documents.map(monitor, "spec.selector.matchLabels");
    List<Map<String, Object>> found =
        manifests.ofKind("Service").stream()
            .filter(
                service ->
                    Documents.map(service, "metadata.labels")
                        .entrySet()
                        .containsAll(wanted.entrySet()))
            .toList();

    assertThat(found)
        .singleElement()
        .satisfies(
            service -> {
              assertThat(Documents.get(service, "spec.ports.0.name"))
                  .isEqualTo(Documents.get(monitor, "spec.endpoints.0.port"));
              assertThat(Documents.get(service, "spec.ports.0.targetPort")).isEqualTo("management");
            });
  }

  @Test
  void heap_fits_what_the_settings_allow_and_the_pod_fits_the_heap() throws IOException {
    int heapMebibytes =
        Integer.parseInt(
            Documents.get(manifests.container(), "args.0")
                .toString()
                .replaceFirst("-Xmx(\\d+)m", "$1"));
    String limit = Documents.get(manifests.container(), "resources.limits.memory").toString();

    assertThat(mostBytesHeld()).isLessThan(heapMebibytes * MEBIBYTE);
    assertThat(Integer.parseInt(limit.replaceFirst("(\\d+)Mi", "$1")))
        .isGreaterThanOrEqualTo(heapMebibytes + BESIDE_THE_HEAP_MEBIBYTES);
  }

  /**
   * By the table in src/docs/develop/native.md, and by the default settings. Requests that have not
   * arrived whole are not in it: no setting bounds their sum.
   */
  private static long mostBytesHeld() throws IOException {
    List<String> settings = settings();
    long largestMessage = 256 * KIBIBYTE;
    return number(settings, "cache.max-weight")
        + 2 * number(settings, "admission.max-in-flight") * number(settings, "credential.max-size")
        + FetchFlight.MAX_WAITING * 250 * KIBIBYTE // claims, while keys are fetched
        + number(settings, "upstream.guard.concurrency") * largestMessage
        + number(settings, "admission.max-explanations") * largestMessage
        + number(settings, "admission.max-introspections") * largestMessage
        + number(settings, "admission.max-revocations") * largestMessage
        + number(settings, "revocation.max-tokens") * 300
        + number(settings, "dpop.max-remembered") * 120
        + 2 * number(settings, "credential.max-used") * 220
        + number(settings, "exchange.max-verdicts") * 17 / 16 * 4 * KIBIBYTE
        + 16 * MEBIBYTE // records that wait to be written
        + 64 * MEBIBYTE // new objects
        + 20 * MEBIBYTE; // the rest
  }

  private static List<String> settings() throws IOException {
    return Files.readAllLines(Path.of("src/test/resources/golden/settings.txt"));
  }

  private static long number(List<String> settings, String name) {
    return settings.stream()
        .filter(setting -> setting.startsWith("token-broker." + name + " = "))
        .mapToLong(setting -> Long.parseLong(setting.substring(setting.indexOf('=') + 2)))
        .findFirst()
        .orElseThrow();
  }

  // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
  @Test
  void pods_are_restricted_and_may_write_nothing() {
    assertThat(Documents.map(manifests.only("Namespace"), "metadata.labels"))
        .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
    Map<String, Object> pod = manifests.pod();
    assertThat(pod).containsEntry("automountServiceAccountToken", false);
    assertThat(pod).doesNotContainKeys("hostNetwork", "hostPID", "hostIPC", "initContainers");
    assertThat(Documents.map(pod, "securityContext"))
        .containsEntry("runAsNonRoot", true)
        .containsEntry("runAsUser", DockerfileTest.USER)
        .containsEntry("seccompProfile", Map.of("type", "RuntimeDefault"));
    assertThat(Documents.map(manifests.container(), "securityContext"))
        .containsEntry("allowPrivilegeEscalation", false)
        .containsEntry("readOnlyRootFilesystem", true)
        .containsEntry("capabilities", Map.of("drop", List.of("ALL")));
    assertThat(Documents.maps(pod, "volumes"))
        .allMatch(volume -> volume.containsKey("configMap") || volume.containsKey("secret"));
    assertThat(Documents.maps(manifests.container(), "volumeMounts"))
        .allSatisfy(mount -> assertThat(mount).containsEntry("readOnly", true));
  }

  private List<String> secretMounts() {
    return Documents.maps(manifests.pod(), "volumes").stream()
        .filter(volume -> volume.containsKey("secret"))
        .map(volume -> mountPath(Objects.requireNonNull(volume.get("name"))))
        .toList();
  }

  private String mountedFrom(String path, Object name) {
    return Documents.maps(manifests.pod(), "volumes").stream()
        .filter(volume -> name.equals(Documents.find(volume, path)))
        .map(volume -> mountPath(Objects.requireNonNull(volume.get("name"))))
        .findFirst()
        .orElseThrow();
  }

  private String mountPath(Object volume) {
    return Documents.maps(manifests.container(), "volumeMounts").stream()
        .filter(mount -> volume.equals(mount.get("name")))
        .map(mount -> (String) Objects.requireNonNull(mount.get("mountPath")))
        .findFirst()
        .orElseThrow();
  }
}
