package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.edges.edge.Http;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentHealthTest {

  @AutoClose private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @ParameterizedTest
  @CsvSource({
    "UP, /q/health/ready, 200",
    "DOWN, /q/health/ready, 503",
    "DOWN, /q/health/started, 503",
    "DOWN, /q/health, 503",
    "DOWN, /q/health/live, 200",
    "UP, /q/metrics, 404",
    "UP, /, 404",
  })
  void answers_as_a_broker_does(String state, String path, int status) throws Failure {
    Map<String, Object> report =
        Map.of("status", state, "checks", List.of(Map.of("name", "/run/a")));
    try (AgentCommand.AgentHealth health =
        new AgentCommand.AgentHealth(loopback(0), () -> report, threads)) {
      var answer = Http.get(URI.create("http://127.0.0.1:" + health.port() + path));

      assertThat(answer.statusCode()).isEqualTo(status);
      if (status == 503) {
        assertThat(answer.body()).contains("\"status\":\"DOWN\"", "\"name\":\"/run/a\"");
      }
    }
  }

  /** Exec probes of containers run {@code token-broker health}. */
  @Test
  void is_read_by_the_command_health() throws Failure {
    Map<String, Object> report =
        Map.of("status", "DOWN", "checks", List.of(Map.of("name", "/run/a", "status", "DOWN")));
    try (AgentCommand.AgentHealth health =
        new AgentCommand.AgentHealth(loopback(0), () -> report, threads)) {
      assertThat(new Shell().run("health", "--address", "127.0.0.1:" + health.port()))
          .isEqualTo(Shell.Ran.told(1, "not ready: /run/a"));
      assertThat(
              new Shell().run("health", "live", "--address", "127.0.0.1:" + health.port()).code())
          .isZero();
    }
  }

  @Test
  void ends_the_agent_where_the_port_is_taken() throws Failure {
    try (AgentCommand.AgentHealth health =
        new AgentCommand.AgentHealth(loopback(0), Map::of, threads)) {
      assertThatThrownBy(
              () -> new AgentCommand.AgentHealth(loopback(health.port()), Map::of, threads))
          .isInstanceOfSatisfying(
              Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.OS));
    }
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
