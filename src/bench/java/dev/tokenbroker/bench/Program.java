package dev.tokenbroker.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A broker as a program: a jar or an executable.
 *
 * @param onePort whether it is a build from before gRPC and metrics had ports of their own, which
 *     serves both at the port of HTTP
 */
record Program(String path, boolean onePort) {

  private static final String ONE_PORT = "one-port:";

  /** Reads {@code PATH}, or {@code one-port:PATH} for a build that has one port for both. */
  static Program parse(String text) {
    return text.startsWith(ONE_PORT)
        ? new Program(text.substring(ONE_PORT.length()), true)
        : new Program(text, false);
  }

  /** Whether a JVM runs it. */
  boolean jar() {
    return path.endsWith(".jar");
  }

  /** Where it listens. */
  record Ports(int http, int grpc, int management) {}

  /** Ports that are free now. */
  Ports freePorts() throws IOException {
    int http = ServerProcess.freePort();
    return onePort
        ? new Ports(http, http, http)
        : new Ports(http, ServerProcess.freePort(), ServerProcess.freePort());
  }

  /**
   * The command line that starts it on this host.
   *
   * @param options flags of the JVM and settings, which an executable takes as well
   */
  List<String> command(Ports ports, List<String> options) {
    boolean jar = jar();
    List<String> command = new ArrayList<>(List.of(jar ? ServerProcess.java() : path));
    command.addAll(options);
    command.add("-Dquarkus.http.host=127.0.0.1");
    command.add("-Dquarkus.http.port=" + ports.http());
    if (!onePort) {
      command.add("-Dtoken-broker.grpc.port=" + ports.grpc());
      command.add("-Dquarkus.management.host=127.0.0.1");
      command.add("-Dquarkus.management.port=" + ports.management());
    }
    if (jar) {
      command.addAll(List.of("-jar", path));
    }
    return command;
  }
}
