package dev.tokenbroker.devissuer;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Gives the broker under test the sample federation on ports that are known beforehand, since the
 * names of the issuers hold them. They are held as long as the broker runs, which can listen on
 * them all the same: both sockets say that they share a port, and those here do not listen.
 */
public final class SampleBroker implements QuarkusTestResourceLifecycleManager {

  private final Socket held = new Socket();
  private final Socket heldForCi = new Socket();

  @Override
  public Map<String, String> start() {
    try {
      hold(held);
      hold(heldForCi);
      Path file = Path.of("target", "test-federation.yaml").toAbsolutePath();
      SampleFederation.layOut(file, held.getLocalPort(), heldForCi.getLocalPort());
      // The keys are made later, so the broker finds them by discovery.
      Files.writeString(file, Files.readString(file).replaceFirst(" +jwksFile: .*\n", ""));
      return Map.of(
          "token-broker.issuer.min-key-ttl",
          "PT1S",
          "quarkus.log.handler.console.audit.level",
          "OFF",
          "token-broker.probes.every",
          "PT10S",
          "token-broker.upstream.guard.attempt-timeout",
          "PT7S",
          "token-broker.federation.path",
          file.toString(),
          "token-broker.issuer.key-cool-down",
          "PT1S",
          "dev-issuer.ci-port",
          String.valueOf(heldForCi.getLocalPort()),
          "quarkus.http.test-port",
          String.valueOf(held.getLocalPort()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void hold(Socket port) throws IOException {
    port.setReuseAddress(true);
    port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @Override
  public void stop() {
    try {
      held.close();
      heldForCi.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
