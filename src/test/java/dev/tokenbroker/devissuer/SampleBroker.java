package dev.tokenbroker.devissuer;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;

/**
 * Gives the broker under test the sample federation on a port that is known beforehand, since the
 * issuer's name holds the port. It is held as long as the broker runs, which can listen on it all
 * the same: both sockets say that they share it, and this one does not listen.
 */
public final class SampleBroker implements QuarkusTestResourceLifecycleManager {

  private final Socket held = new Socket();

  @Override
  public Map<String, String> start() {
    try {
      held.setReuseAddress(true);
      held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      Path file = Path.of("target", "test-federation.yaml").toAbsolutePath();
      SampleFederation.layOut(file, held.getLocalPort());
      return Map.of(
          "token-broker.federation.path",
          file.toString(),
          "token-broker.issuer.key-cool-down",
          "PT1S",
          "quarkus.http.test-port",
          String.valueOf(held.getLocalPort()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    try {
      held.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
