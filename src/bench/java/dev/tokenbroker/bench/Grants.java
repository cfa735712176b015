package dev.tokenbroker.bench;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What a call by {@code client_credentials} with an assertion costs the broker beside one by token
 * exchange, over HTTP: windows of both in turns, of hits and of misses. Takes the jar or executable
 * and the number of pairs.
 */
public final class Grants {

  private static final Path DIRECTORY = Path.of("target/grants");
  private static final int CALLERS = 32;
  private static final int HITS = 30_000;
  private static final int MISSES = 10_000;
  private static final int CREDENTIALS = 20_000;
  private static final Rival.WarmUp WARM_UP = new Rival.WarmUp(10_000, 20);

  private Grants() {}

  public static void main(String[] args) throws IOException {
    Program program = Program.parse(args[0]);
    int pairs = Integer.parseInt(args[1]);
    LoadIssuer issuer = new LoadIssuer();
    Path federation = issuer.writeFederation(DIRECTORY, 10).toAbsolutePath();
    String[] credentials = issuer.sign(LoadIssuer.AUDIENCE, CREDENTIALS);
    List<String> settings =
        List.of(
            "-Dtoken-broker.federation.path=" + federation,
            "-Dtoken-broker.token.issuer=" + LoadIssuer.AUDIENCE,
            // Holds fewer tokens than there are credentials, so that each comes as a new one.
            "-Dtoken-broker.cache.max-weight=1048576");
    compare("hit", program, settings, Arrays.copyOf(credentials, 1), HITS, pairs);
    compare("miss", program, settings, credentials, MISSES, pairs);
  }

  private static void compare(
      String kind,
      Program program,
      List<String> settings,
      String[] credentials,
      int calls,
      int pairs)
      throws IOException {
    Files.createDirectories(DIRECTORY);
    Program.Ports ports = program.freePorts();
    URI url = URI.create("http://127.0.0.1:" + ports.http());
    try (ServerProcess server =
            ServerProcess.start(
                program.command(ports, settings),
                Map.of(),
                DIRECTORY.resolve(kind + ".log"),
                url.resolve("/q/health/ready"),
                200);
        Rival exchange =
            rival("exchange", kind, server, url, Grants::exchange, credentials, calls);
        Rival assertion =
            rival("assertion", kind, server, url, Grants::assertion, credentials, calls)) {
      exchange.warmUp(CALLERS);
      assertion.warmUp(CALLERS);
      List<Double> ratios = new ArrayList<>();
      for (int pair = 0; pair < pairs; pair++) {
        double exchanged = exchange.measure(CALLERS).cpuMicros();
        double asserted = assertion.measure(CALLERS).cpuMicros();
        ratios.add(asserted / exchanged);
      }
      Spread ratio = Spread.of(ratios.stream().mapToDouble(Double::doubleValue));
      System.out.println(new Table(List.of(exchange, assertion)).text());
      System.out.println("assertion / exchange, " + kind + ": " + ratio.text(3));
      for (Rival rival : List.of(exchange, assertion)) {
        rival.windows().stream()
            .filter(window -> window.failed() > 0)
            .findFirst()
            .ifPresent(
                window -> {
                  throw new IllegalStateException(
                      rival.name() + " did not end as it should: " + window.calls().endings());
                });
      }
    }
  }

  private static String exchange(String credential) {
    return "grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
        + "&subject_token_type=urn:ietf:params:oauth:token-type:jwt&audience="
        + LoadIssuer.TARGET
        + "&subject_token="
        + credential;
  }

  private static String assertion(String credential) {
    return "grant_type=client_credentials"
        + "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        + "&audience="
        + LoadIssuer.TARGET
        + "&client_assertion="
        + credential;
  }

  private static Rival rival(
      String server,
      String kind,
      ServerProcess process,
      URI url,
      UnaryOperator<String> form,
      String[] credentials,
      int calls) {
    Buffer[] forms =
        Arrays.stream(credentials).map(form).map(Buffer::buffer).toArray(Buffer[]::new);
    HttpEdge edge =
        new HttpEdge(url.resolve("/token"), CALLERS, number -> forms[number % forms.length]);
    return new Rival(server, kind, process, edge, calls, WARM_UP, null);
  }
}
