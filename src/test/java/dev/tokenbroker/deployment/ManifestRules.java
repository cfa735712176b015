package dev.tokenbroker.deployment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The rules that manifests of the broker keep beyond their schemas: pods are restricted as by the
 * Pod Security standard of that name, write nothing and have limits, and nothing is sent or taken
 * without TLS.
 */
final class ManifestRules {

  /** Ports of the broker, all with TLS. */
  private static final Set<Object> PORTS = Set.of("grpc", "https", "management");

  /** What callers and verifiers call; all other paths are for operators. */
  private static final Set<Object> PATHS =
      Set.of(
          "/token",
          "/introspect",
          "/revoke",
          "/aws",
          "/.well-known",
          "/tokenbroker.v1.TokenBroker");

  private static final Pattern PLAINTEXT = Pattern.compile("(?i)\\b(http|redis|grpc|tcp)://.*");

  private static final String FOR_OPERATORS = "a path for operators";

  private final Manifests manifests;
  private final List<String> problems = new ArrayList<>();

  private ManifestRules(Manifests manifests) {
    this.manifests = manifests;
  }

  /** Which rules the manifests break, and where. */
  static List<String> problems(Manifests manifests) {
    ManifestRules rules = new ManifestRules(manifests);
    manifests.ofKind("Deployment").stream()
        .map(deployment -> Documents.map(deployment, "spec.template.spec"))
        .forEach(rules::pod);
    manifests.ofKind("Pod").stream().map(pod -> Documents.map(pod, "spec")).forEach(rules::pod);
    rules.servers();
    rules.monitors();
    rules.ingresses();
    rules.routes();
    rules.hosts();
    return rules.problems;
  }

  // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
  private void pod(Map<String, Object> pod) {
    expect(is(pod, "securityContext.runAsNonRoot", true), "runAsNonRoot");
    expect(is(pod, "securityContext.runAsUser", DockerfileTest.USER), "runAsUser");
    expect(is(pod, "securityContext.seccompProfile.type", "RuntimeDefault"), "seccompProfile");
    expect(is(pod, "enableServiceLinks", false), "enableServiceLinks");
    expect(Documents.find(pod, "automountServiceAccountToken") != null, "automount is not said");
    for (String shared : List.of("hostNetwork", "hostPID", "hostIPC", "initContainers")) {
      expect(!pod.containsKey(shared), shared);
    }
    expect(
        Documents.maps(pod, "volumes").stream()
            .flatMap(
                volume ->
                    volume.containsKey("projected")
                        ? Documents.maps(volume, "projected.sources").stream()
                        : Stream.of(volume))
            .allMatch(volume -> volume.containsKey("configMap") || volume.containsKey("secret")),
        "a volume that is neither ConfigMap nor Secret");
    Documents.maps(pod, "containers").forEach(this::container);
  }

  private void container(Map<String, Object> container) {
    expect(is(container, "securityContext.allowPrivilegeEscalation", false), "escalation");
    expect(is(container, "securityContext.readOnlyRootFilesystem", true), "root file system");
    expect(is(container, "securityContext.runAsNonRoot", true), "container's runAsNonRoot");
    expect(is(container, "securityContext.capabilities.drop", List.of("ALL")), "capabilities");
    expect(!container.containsKey("command"), "a command, which the image has");
    expect(Documents.find(container, "resources.limits.memory") != null, "no limit of memory");
    expect(Documents.find(container, "resources.requests.cpu") != null, "no request of CPU");
    expect(
        Documents.maps(container, "volumeMounts").stream()
            .allMatch(mount -> is(mount, "readOnly", true)),
        "a writable mount");
  }

  /** The broker listens with TLS only, and calls nobody without. */
  private void servers() {
    for (Map<String, Object> variable : manifests.environment()) {
      String name = String.valueOf(variable.get("name"));
      String value = String.valueOf(variable.get("value"));
      expect(!PLAINTEXT.matcher(value).find(), name + " without TLS");
      expect(!name.contains("ALLOW_PLAIN") && !name.contains("TRUST_ALL"), name);
    }
    expect(
        "disabled".equals(manifests.environment("QUARKUS_HTTP_INSECURE_REQUESTS")),
        "HTTP without TLS is open");
    expect(
        !manifests.environment("QUARKUS_TLS_KEY_STORE_PEM__0__CERT").isEmpty(), "no certificate");
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      expect(is(manifests.container(), probe + ".httpGet.scheme", "HTTPS"), probe);
    }
    manifests.ofKind("Service").stream()
        .flatMap(service -> Documents.maps(service, "spec.ports").stream())
        .forEach(
            port -> expect(PORTS.contains(Documents.get(port, "targetPort")), "port without TLS"));
  }

  private void monitors() {
    manifests.ofKind("ServiceMonitor").stream()
        .flatMap(monitor -> Documents.maps(monitor, "spec.endpoints").stream())
        .forEach(
            endpoint -> {
              expect(is(endpoint, "scheme", "https"), "scrapes without TLS");
              expect(Documents.find(endpoint, "tlsConfig.serverName") != null, "any server name");
              expect(
                  Documents.find(endpoint, "tlsConfig.insecureSkipVerify") == null,
                  "scrapes any server");
              // The rules compare the replicas of a job.
              expect(
                  Documents.maps(endpoint, "relabelings").stream()
                      .anyMatch(
                          it ->
                              "job".equals(it.get("targetLabel"))
                                  && Documents.texts(it, "sourceLabels")
                                      .contains("__meta_kubernetes_namespace")),
                  "one job for two namespaces");
            });
  }

  /** Whatever host an Ingress serves, it has a certificate for it. */
  private void ingresses() {
    for (Map<String, Object> ingress : manifests.ofKind("Ingress")) {
      List<String> served =
          Documents.find(ingress, "spec.tls") == null
              ? List.of()
              : Documents.maps(ingress, "spec.tls").stream()
                  .flatMap(tls -> Documents.texts(tls, "hosts").stream())
                  .toList();
      Documents.maps(ingress, "spec.rules")
          .forEach(
              rule -> {
                expect(served.contains(rule.get("host")), "Ingress without TLS for a host");
                Documents.maps(rule, "http.paths")
                    .forEach(path -> expect(PATHS.contains(path.get("path")), FOR_OPERATORS));
              });
    }
  }

  /** A Gateway calls each Service that a route names with TLS, and verifies its name. */
  private void routes() {
    List<Object> verified =
        manifests.ofKind("BackendTLSPolicy").stream()
            .filter(policy -> Documents.find(policy, "spec.validation.hostname") != null)
            .flatMap(policy -> Documents.maps(policy, "spec.targetRefs").stream())
            .map(target -> Objects.requireNonNull(target.get("name")))
            .toList();
    Stream.concat(manifests.ofKind("HTTPRoute").stream(), manifests.ofKind("GRPCRoute").stream())
        .flatMap(route -> Documents.maps(route, "spec.rules").stream())
        .flatMap(rule -> Documents.maps(rule, "backendRefs").stream())
        .forEach(
            backend ->
                expect(verified.contains(backend.get("name")), "a route to a Service without TLS"));
  }

  /** A Gateway takes routes of one kind only for a host. */
  private void hosts() {
    manifests.ofKind("HTTPRoute").stream()
        .flatMap(route -> Documents.maps(route, "spec.rules").stream())
        .flatMap(rule -> Documents.maps(rule, "matches").stream())
        .forEach(
            match -> expect(PATHS.contains(Documents.find(match, "path.value")), FOR_OPERATORS));
    List<String> taken = hostsOf("HTTPRoute");
    expect(
        hostsOf("GRPCRoute").stream().noneMatch(taken::contains), "routes of two kinds for a host");
  }

  private List<String> hostsOf(String kind) {
    return manifests.ofKind(kind).stream()
        .flatMap(route -> Documents.texts(route, "spec.hostnames").stream())
        .toList();
  }

  private static boolean is(Map<String, Object> in, String path, Object value) {
    return value.equals(Documents.find(in, path));
  }

  private void expect(boolean kept, String rule) {
    if (!kept) {
      problems.add(rule);
    }
  }
}
