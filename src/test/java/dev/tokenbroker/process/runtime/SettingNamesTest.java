package dev.tokenbroker.process.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingNamesTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden/settings.txt");

  private static final List<String> PROPERTIES =
      List.of("token-broker.token.issuer", "token.broker.token.isuer", "quarkus.http.port");

  @Test
  void refuses_a_misspelt_setting_by_its_name() {
    SettingNames names =
        names(
            Map.of(
                "TOKEN_BROKER_TOKEN_ISUER", "https://a.example",
                "TOKEN_BROKER_TOKEN_ISSUER", "https://a.example",
                "PATH", "/bin"));

    assertThat(names.unfit())
        .extracting(UnfitSetting::setting)
        .containsExactly("TOKEN_BROKER_TOKEN_ISUER");
    assertThat(names.serviceLinks()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "TOKEN_BROKER_SERVICE_HOST, 10.96.0.10",
    "TOKEN_BROKER_SERVICE_HOST, fd00::10",
    "TOKEN_BROKER_SERVICE_PORT, 9000",
    "TOKEN_BROKER_SERVICE_PORT_GRPC, 9000",
    "TOKEN_BROKER_PORT, tcp://10.96.0.10:9000",
    "TOKEN_BROKER_PORT, tcp://[fd00::10]:9000",
    "TOKEN_BROKER_PORT_9000_TCP, tcp://10.96.0.10:9000",
    "TOKEN_BROKER_PORT_9000_TCP_PROTO, tcp",
    "TOKEN_BROKER_PORT_9000_TCP_PORT, 9000",
    "TOKEN_BROKER_PORT_9000_TCP_ADDR, 10.96.0.10",
    "TOKEN_BROKER_METRICS_SERVICE_HOST, 10.96.0.11",
    "TOKEN_BROKER_METRICS_PORT_9100_TCP, tcp://10.96.0.11:9100"
  })
  void ignores_service_links_of_kubernetes(String name, String value) {
    SettingNames names = names(Map.of(name, value));

    assertThat(names.unfit()).isEmpty();
    assertThat(names.serviceLinks()).containsExactly(name);
  }

  @ParameterizedTest
  @CsvSource({
    "TOKEN_BROKER_SERVICE_HOST, broker.example",
    "TOKEN_BROKER_SERVICE_PORT, none",
    "TOKEN_BROKER_PORT, 9000",
    "TOKEN_BROKER_PORT_9000_TCP_PROTO, sometimes"
  })
  void refuses_the_name_of_a_service_link_with_another_value(String name, String value) {
    assertThat(names(Map.of(name, value)).unfit()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TOKEN_BROKER_ACCESS_INTROSPECTION_CLIENTS | gateway=/run/secrets/gateway | {name: gateway, secretFile: /run/secrets/gateway, may: [introspect]}",
        "TOKEN_BROKER_ACCESS_REVOCATION_CLIENTS_0_ | a=b | {name: a, secretFile: b, may: [revoke]}",
        "TOKEN_BROKER_ACCESS_REVOCATION_CERTIFICATES | 03:80 | {name: NAME, certificates: [\"03:80\"], may: [revoke]}",
      })
  void says_what_replaces_the_settings_of_clients(String variable, String value, String line) {
    assertThat(names(Map.of(variable, value)).unfit())
        .singleElement()
        .satisfies(unfit -> assertThat(unfit.setting()).isEqualTo(variable))
        .extracting(UnfitSetting::remedy)
        .asString()
        .contains("clients: [" + line + "]");
  }

  @Test
  void knows_the_groups_of_the_settings() throws IOException {
    Set<String> groups =
        Files.readAllLines(GOLDEN).stream()
            .filter(line -> line.startsWith("token-broker."))
            .map(line -> line.split("\\.", 3)[1])
            .collect(Collectors.toSet());

    assertThat(SettingNames.GROUPS).containsExactlyInAnyOrderElementsOf(groups);
  }

  @Test
  void refuses_a_misspelt_group_by_the_whole_name() {
    List<String> properties =
        List.of(
            "token-broker.isuer.key-cool-down",
            "token-broker.issuer.key-cool-down",
            "token-broker.upstream.guard.cool-down",
            "token.broker.isuer",
            "quarkus.http.port");

    assertThat(new SettingNames(Map.of(), properties).unfit())
        .extracting(UnfitSetting::setting)
        .containsExactly("token-broker.isuer.key-cool-down");
  }

  private static SettingNames names(Map<String, String> environment) {
    return new SettingNames(environment, PROPERTIES);
  }
}
