package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.upstream.TestTls;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packed application serving on ports that the system chose, in plain text and with a
 * certificate of a private authority for {@code broker.example} and {@code localhost}.
 */
final class BrokerProcess implements AutoCloseable {

  private static final Pattern LISTENING =
      Pattern.compile("Listening on: http://[^:]+:(\\d+) and https://[^:]+:(\\d+)");

  private final Process process;
  private final int port;
  private final int tlsPort;

  private BrokerProcess(Process process, int port, int tlsPort) {
    this.process = process;
    this.port = port;
    this.tlsPort = tlsPort;
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param directory gets the certificate, and the authority's as {@code test-root.pem}
   */
  static BrokerProcess serving(String federation, Path directory) throws IOException {
    TestTls authority = TestTls.generate();
    authority.writePair(directory, "broker", "broker.example", "localhost");
    authority.writeRoot(directory);
    Process process =
        ProducedArtifact.start(
            Map.of(
                "quarkus.http.host", "127.0.0.1",
                "quarkus.http.port", "0",
                "quarkus.http.ssl-port", "0",
                "quarkus.tls.key-store.pem.0.cert", directory.resolve("broker.crt").toString(),
                "quarkus.tls.key-store.pem.0.key", directory.resolve("broker.key").toString(),
                "quarkus.http.insecure-requests", "enabled",
                "token-broker.token.issuer", "https://broker.example",
                "token-broker.federation.path", federation),
            List.of("serve"));
    List<String> log = new ArrayList<>();
    BufferedReader lines = process.inputReader(UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      log.add(line);
      if (line.contains("Listening on: ") && !line.contains(" and https://")) {
        break;
      }
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(log::add));
        return new BrokerProcess(
            process, Integer.parseInt(listening.group(1)), Integer.parseInt(listening.group(2)));
      }
    }
    process.destroyForcibly();
    throw new AssertionError("it does not serve, or not by TLS: " + log);
  }

  int port() {
    return port;
  }

  String address() {
    return "localhost:" + port;
  }

  String tlsAddress() {
    return "localhost:" + tlsPort;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
