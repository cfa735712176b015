package dev.tokenbroker.devissuer;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;

/**
 * Gives the broker under test the sample federation on a port that is known beforehand, since the
 * issuer's name holds the port.
 */
public final class SampleBroker implements QuarkusTestResourceLifecycleManager {

  @Override
  public Map<String, String> start() {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path file = Path.of("target", "test-federation.yaml").toAbsolutePath();
      SampleFederation.layOut(file, free.getLocalPort());
      return Map.of(
          "token-broker.federation.path",
          file.toString(),
          "token-broker.issuer.key-cool-down",
          "PT1S",
          "quarkus.http.test-port",
          String.valueOf(free.getLocalPort()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {}
}
