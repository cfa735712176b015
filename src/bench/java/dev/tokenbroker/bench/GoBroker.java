package dev.tokenbroker.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The plain broker of {@code src/bench/go}, built with Debian's packages: {@code protoc} makes its
 * stubs, and no module is downloaded. The first build takes a minute, the next ones use Go's cache.
 */
final class GoBroker {

  private static final String PACKAGES =
      "golang-go golang-google-grpc-dev golang-google-genproto-dev protobuf-compiler"
          + " libprotobuf-dev protoc-gen-go protoc-gen-go-grpc";
  private static final List<String> NEEDED =
      List.of(
          "/usr/bin/go",
          "/usr/bin/protoc",
          "/usr/bin/protoc-gen-go",
          "/usr/bin/protoc-gen-go-grpc",
          "/usr/include/google/protobuf/duration.proto",
          "/usr/share/gocode/src/google.golang.org/grpc");

  private static final Path HOME = Path.of("target/go-broker").toAbsolutePath();
  private static final String MODULE = "tokenbroker.dev/bench";
  private static final String PROTO = "tokenbroker/v1/token_broker.proto";

  private GoBroker() {}

  /** Builds the executable; empty, with a message, where Go or one of its packages is missing. */
  static Optional<Path> build() throws IOException, InterruptedException {
    List<String> missing = NEEDED.stream().filter(path -> Files.notExists(Path.of(path))).toList();
    if (!missing.isEmpty()) {
      System.out.printf(
          "Go takes no part: %s missing; apt-get install %s%n",
          String.join(", ", missing), PACKAGES);
      return Optional.empty();
    }
    Path module = Files.createDirectories(HOME.resolve("src").resolve(MODULE));
    Files.copy(
        Path.of("src/bench/go/main.go"),
        module.resolve("main.go"),
        StandardCopyOption.REPLACE_EXISTING);
    String stubs = "M" + PROTO + "=" + MODULE + "/brokerpb";
    run(
        List.of(
            "/usr/bin/protoc",
            "--proto_path=src/main/proto",
            "--go_out=" + module,
            "--go_opt=module=" + MODULE + "," + stubs,
            "--go-grpc_out=" + module,
            "--go-grpc_opt=module=" + MODULE + "," + stubs,
            PROTO));
    Path executable = HOME.resolve("go-broker");
    run(List.of("/usr/bin/go", "build", "-C", module.toString(), "-o", executable.toString(), "."));
    return Optional.of(executable);
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder
        .environment()
        .putAll(Map.of("GO111MODULE", "off", "GOFLAGS", "", "GOPATH", HOME + ":/usr/share/gocode"));
    if (builder.start().waitFor() != 0) {
      throw new IOException(command + " failed");
    }
  }
}
