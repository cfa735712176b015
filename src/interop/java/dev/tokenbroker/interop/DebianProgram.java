package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A program of Debian that the suite uses as it is installed. A test that needs a missing one
 * fails, with the packages to install.
 */
enum DebianProgram {
  HAPROXY("/usr/sbin/haproxy", "haproxy"),
  NGINX("/usr/sbin/nginx", "nginx-light"),
  PROTOC("/usr/bin/protoc", "protobuf-compiler libprotobuf-dev"),
  PROTOC_PYTHON("/usr/bin/grpc_python_plugin", "protobuf-compiler-grpc"),
  PYTHON("/usr/bin/python3", "python3-grpcio python3-grpc-status");

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
    List<String> command = new ArrayList<>(List.of(present().toString()));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(command + " failed (Debian's " + packages + "): " + printed);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
