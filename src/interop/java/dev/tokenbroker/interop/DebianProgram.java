package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program of Debian that the suite uses as it is installed. A test that needs a missing one
 * fails, with the packages to install.
 */
enum DebianProgram {
  AWS("/usr/bin/aws", "awscli"),
  GIT("/usr/bin/git", "git"),
  GO(
      "/usr/bin/go",
      "golang-go golang-google-grpc-dev golang-google-genproto-dev protoc-gen-go-grpc"),
  HAPROXY("/usr/sbin/haproxy", "haproxy"),
  JQ("/usr/bin/jq", "jq"),
  KUBECTL("/usr/bin/kubectl", "kubectl"),
  MOTO("/usr/bin/moto_server", "python3-moto python3-flask python3-flask-cors"),
  NGINX("/usr/sbin/nginx", "nginx-light"),
  PROTOC("/usr/bin/protoc", "protobuf-compiler libprotobuf-dev"),
  PROTOC_GO("/usr/bin/protoc-gen-go", "protoc-gen-go protoc-gen-go-grpc"),
  PROTOC_PYTHON("/usr/bin/grpc_python_plugin", "protobuf-compiler-grpc"),
  PYTHON("/usr/bin/python3", "python3-grpcio python3-grpc-status"),
  REGISTRY("/usr/bin/docker-registry", "docker-registry"),
  SKOPEO("/usr/bin/skopeo", "skopeo");

  private final Path path;
  private final String packages;

  DebianProgram(String path, String packages) {
    this.path = Path.of(path);
    this.packages = packages;
  }

  /** Where it is. */
  Path present() {
    requirePresent();
    return path;
  }

  /** Fails if it is missing: to be called before anything is started. */
  void requirePresent() {
    if (!Files.isExecutable(path)) {
      throw new AssertionError(path + " is missing: apt-get install " + packages);
    }
  }

  /** Runs it to its end, which must be good. */
  void run(String... arguments) {
    run(Map.of(), arguments);
  }

  /**
   * Runs it to its end, which must be good.
   *
   * @param environment all of it, but for the path
   * @return what it printed, errors included
   */
  String run(Map<String, String> environment, String... arguments) {
    List<String> command = new ArrayList<>(List.of(present().toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(command + " failed (Debian's " + packages + "): " + printed);
      }
      return printed;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
