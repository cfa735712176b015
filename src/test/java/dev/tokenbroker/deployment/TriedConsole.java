package dev.tokenbroker.deployment;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The console of a broker that runs elsewhere, seen with and without an operator's token. */
final class TriedConsole implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;
  private static final int MAX_LINES = 2_000;

  /** Whatever the page reads. */
  private static final List<String> DATA =
      List.of("/live", "/changes", "/candidate", "/verdicts", "/verdicts/none");

  private final URI broker;
  private final HttpClient client = HttpClient.newHttpClient();

  TriedConsole(URI broker) {
    this.broker = broker;
  }

  /** What is not as it should be; empty for nothing. */
  String trouble(String token) throws IOException, InterruptedException {
    HttpResponse<String> page = client.send(request("/console/").build(), BodyHandlers.ofString());
    Optional<String> policy = page.headers().firstValue("Content-Security-Policy");
    if (page.statusCode() != OK || !policy.orElse("").startsWith("default-src 'none'")) {
      return "The console has status " + page.statusCode() + " and the policy " + policy;
    }
    for (String path : DATA) {
      int status = status(request(path));
      if (status != UNAUTHORIZED) {
        return "Without a token " + path + " is answered with " + status;
      }
    }
    int explained =
        status(
            request("/explain")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("audience=payments-api")));
    if (explained != UNAUTHORIZED) {
      return "Without a token an explanation is answered with " + explained;
    }
    return live(token);
  }

  private String live(String token) throws IOException, InterruptedException {
    var stream =
        client.send(
            request("/live").header("Authorization", "Bearer " + token).build(),
            BodyHandlers.ofInputStream());
    if (stream.statusCode() != OK) {
      return "With a token /live is answered with " + stream.statusCode();
    }
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      for (int read = 0; read < MAX_LINES; read++) {
        String line = lines.readLine();
        if (line == null) {
          return "The stream ended before it told the state of the broker";
        }
        if (line.contains("\"event\":\"state\"")) {
          System.out.println("The console is open, its data are not; with a token they flow");
          return "";
        }
      }
    }
    return "The stream does not tell the state of the broker";
  }

  private int status(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.discarding()).statusCode();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(broker.resolve(path)).timeout(PATIENCE);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
