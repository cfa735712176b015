package dev.tokenbroker.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.ShippedFederations;
import dev.tokenbroker.peers.store.ValkeyServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the environment to try the broker in to its own files and to the broker. */
class ComposeTest {

  private static final Path FOLDER = Path.of("docker");

  private final Map<String, Object> compose = Documents.one(FOLDER.resolve("compose.yaml"));
  private final Map<String, Object> services = Documents.map(compose, "services");
  private final Map<String, Object> federation =
      Documents.one(FOLDER.resolve("broker/federation.yaml"));

  @TempDir Path folder;

  @Test
  void everything_that_is_mounted_and_built_is_there() {
    assertThat(services.values().stream().flatMap(ComposeTest::mounted))
        .hasSizeGreaterThan(5)
        .allSatisfy(source -> assertThat(FOLDER.resolve(source)).exists());
    Path context = FOLDER.resolve((String) Documents.get(services, "broker.build.context"));
    assertThat(context.resolve((String) Documents.get(services, "broker.build.dockerfile")))
        .isRegularFile();
  }

  @Test
  void everything_runs_with_a_bound_and_without_privileges() {
    assertThat(services.values().stream().map(Documents::map))
        .allSatisfy(
            service -> {
              assertThat(service).containsKeys("mem_limit", "pids_limit");
              assertThat(service).containsEntry("cap_drop", List.of("ALL"));
              assertThat(service).containsEntry("security_opt", List.of("no-new-privileges:true"));
              assertThat(service).doesNotContainKey("privileged");
            });
    assertThat(services.keySet())
        .filteredOn(name -> !name.equals("keycloak"))
        .allSatisfy(
            name -> assertThat(Documents.get(services, name + ".read_only")).isEqualTo(true));
  }

  @Test
  void pins_every_image_and_opens_ports_to_this_machine_only() {
    assertThat(services.values().stream().map(service -> Documents.get(service, "image")))
        .allSatisfy(image -> assertThat((String) image).matches(".+:(dev|v?\\d+\\.\\d+\\.\\d+)"));
    assertThat(
            services.values().stream()
                .filter(service -> Documents.map(service).containsKey("ports"))
                .flatMap(service -> Documents.texts(service, "ports").stream()))
        .hasSize(8)
        .allMatch(port -> port.startsWith("127.0.0.1:"));
  }

  @Test
  void the_federation_is_good() throws IOException {
    String path = (String) Documents.get(federation, "upstreams.0.clientSecretFile");
    assertThat(path).isEqualTo("/run/secrets/acme-sso");
    assertThat(Documents.texts(services, "broker.volumes")).contains("secrets:/run/secrets:ro");
    assertThat(made()).contains("> /secrets/acme-sso\n");

    assertThat(ShippedFederations.ofCompose(folder)).isInstanceOf(LoadResult.Loaded.class);
  }

  /** A file that is mounted by itself stays what it was where an editor replaces it. */
  @Test
  void the_broker_sees_only_the_folder_of_its_federation_document() {
    Path seen =
        Path.of(
            (String) Documents.get(services, "broker.environment.TOKEN_BROKER_FEDERATION_PATH"));
    assertThat(Documents.texts(services, "broker.volumes"))
        .contains("./broker:" + seen.getParent() + ":ro");
    assertThat(FOLDER.resolve("broker"))
        .isDirectoryContaining(file -> file.getFileName().equals(seen.getFileName()))
        .isDirectoryNotContaining(file -> !file.getFileName().equals(seen.getFileName()));
  }

  @Test
  void the_broker_trusts_the_realm_that_keycloak_is_given() {
    Map<String, Object> realm = Documents.one(FOLDER.resolve("keycloak/acme-realm.json"));
    String issuer =
        Documents.get(services, "keycloak.environment.KC_HOSTNAME")
            + "/realms/"
            + realm.get("realm");
    assertThat(Documents.get(federation, "issuers.0.issuer")).isEqualTo(issuer);
    assertThat(Documents.get(federation, "upstreams.0.issuer")).isEqualTo(issuer);
    assertThat(URI.create(issuer).getHost()).isEqualTo("keycloak");
    assertThat(Documents.map(services, "broker.environment"))
        .containsKey(
            "QUARKUS_TLS_%s_TRUST_STORE_PEM_CERTS"
                .formatted(
                    Documents.get(federation, "issuers.0.tls")
                        .toString()
                        .toUpperCase(Locale.ROOT)));

    Object broker = Documents.get(federation, "upstreams.0.clientId");
    assertThat(Documents.maps(realm, "clients"))
        .filteredOn(client -> broker.equals(client.get("clientId")))
        .singleElement()
        .satisfies(client -> assertThat(client).containsEntry("secret", "${ACME_SSO_SECRET}"));
    assertThat(Documents.texts(services, "keycloak.command").getFirst())
        .contains("ACME_SSO_SECRET=$$(cat /run/secrets/acme-sso)");
  }

  @Test
  void prometheus_looks_at_the_broker_by_the_shipped_rules() {
    Map<String, Object> prometheus = Documents.one(FOLDER.resolve("prometheus/prometheus.yml"));
    assertThat(Documents.get(prometheus, "scrape_configs.0.static_configs.0.targets"))
        .isEqualTo(List.of("broker:9100"));
    assertThat(Documents.get(prometheus, "scrape_configs.0.metrics_path")).isEqualTo("/q/metrics");
    assertThat(Documents.texts(services, "broker.ports"))
        .containsExactly("127.0.0.1:8080:8080", "127.0.0.1:9000:9000", "127.0.0.1:9100:9100");
    assertThat(Documents.texts(prometheus, "rule_files"))
        .allSatisfy(
            rules ->
                assertThat(Documents.texts(services, "prometheus.volumes"))
                    .contains("./prometheus/" + rules + ":/etc/prometheus/" + rules + ":ro"));
  }

  @Test
  void the_replicas_share_the_store_and_the_proxy_knows_each() {
    List<String> replicas =
        services.keySet().stream().filter(name -> name.startsWith("replica-")).toList();
    String proxy = Documents.text(FOLDER.resolve("replicas/nginx.conf"));

    assertThat(replicas).containsExactly("replica-1", "replica-2", "replica-3");
    assertThat(replicas)
        .allSatisfy(
            name -> {
              assertThat(Documents.get(services, name + ".profiles"))
                  .isEqualTo(List.of("replicas"));
              assertThat(Documents.get(services, name + ".hostname")).isEqualTo(name);
              assertThat(Documents.map(services, name + ".environment"))
                  .containsAllEntriesOf(Documents.map(services, "broker.environment"))
                  .containsEntry("TOKEN_BROKER_STORE_SHARED", "true")
                  .containsEntry("TOKEN_BROKER_STORE_KEY_FILES", "/run/secrets/store");
              assertThat(proxy).contains("server " + name + ":9000 ", "server " + name + ":8080 ");
            });
    assertThat(replicas.stream().skip(1))
        .as("the first one signs at once, and the others join it")
        .allSatisfy(
            name ->
                assertThat(Documents.map(services, name + ".depends_on"))
                    .containsOnlyKeys("replica-1"));
    assertThat(made()).contains("> /secrets/store\n");
    assertThat(Documents.text(FOLDER.resolve("replicas/valkey.conf")))
        .contains(ValkeyServer.ACL)
        .contains("maxmemory-policy noeviction");
  }

  @Test
  void grafana_finds_its_dashboard_and_prometheus() {
    Map<String, Object> source =
        Documents.one(FOLDER.resolve("grafana/provisioning/datasources/prometheus.yaml"));
    assertThat(Documents.get(source, "datasources.0.url")).isEqualTo("http://prometheus:9090");
    Map<String, Object> dashboards =
        Documents.one(FOLDER.resolve("grafana/provisioning/dashboards/token-broker.yaml"));
    Object path = Documents.get(dashboards, "providers.0.options.path");
    assertThat(Documents.texts(services, "grafana.volumes"))
        .contains("./grafana/dashboards:" + path + ":ro");
    assertThat(
            Documents.get(
                services, "grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"))
        .isEqualTo(path + "/token-broker.json");
  }

  /** Without containers {@code docker/demo} starts the same from the same files. */
  @Test
  void the_demo_has_document_realm_rules_and_ports_of_compose() {
    String demo = Documents.text(FOLDER.resolve("demo"));
    assertThat(
            Stream.of(
                "broker/federation.yaml",
                "keycloak/acme-realm.json",
                "prometheus/prometheus.yml",
                "prometheus/rules.yml",
                "grafana/dashboards/token-broker.json"))
        .allSatisfy(
            file -> {
              assertThat(FOLDER.resolve(file)).isRegularFile();
              assertThat(demo).contains("docker/" + file);
            });
    assertThat(demo)
        .contains(
            "document=docker/broker/federation.yaml",
            "broker=http://localhost:" + published("broker", 0),
            "management=http://localhost:" + published("broker", 2),
            "keycloak=http://localhost:" + published("keycloak", 0),
            "prometheus=http://localhost:" + published("prometheus", 0));
  }

  /** The port of this machine at which a service is. */
  private String published(String service, int at) {
    return Documents.texts(services, service + ".ports").get(at).split(":", -1)[1];
  }

  /** Files and folders of ours that a service sees. */
  private static Stream<String> mounted(Object service) {
    return Documents.map(service).containsKey("volumes")
        ? Documents.texts(service, "volumes").stream()
            .filter(volume -> volume.startsWith("./"))
            .map(volume -> volume.split(":", -1)[0])
        : Stream.empty();
  }

  /** What makes secrets at the first start. */
  private String made() {
    return Documents.texts(services, "certificate.command").getFirst();
  }
}
