package dev.tokenbroker.interop;

import dev.tokenbroker.edges.edge.Artifact;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The packaged broker as a command and under the names of its credential helpers, installed for a
 * user of its own: symbolic links to the native executable, or scripts that start the JVM with
 * {@code --as}.
 */
final class HelperPrograms {

  static final String KUBELET = "kubelet-credential-token-broker";

  private static final String COMMAND = "token-broker";

  private final Path home;
  private final Path programs;

  private HelperPrograms(Path home, Path programs) {
    this.home = home;
    this.programs = programs;
  }

  /**
   * Installs them.
   *
   * @param home of the user
   * @param hosts the options of {@code fetch} for each host
   */
  static HelperPrograms install(Path home, Map<String, String> hosts) throws IOException {
    HelperPrograms installed =
        new HelperPrograms(home, Files.createDirectory(home.resolve("programs")));
    installed.install(COMMAND, "");
    for (String name :
        List.of("git-credential-token-broker", "docker-credential-token-broker", KUBELET)) {
      installed.install(name, " fetch --as " + name);
    }
    Files.writeString(
        Files.createDirectories(home.resolve(".config/token-broker")).resolve("helpers"),
        hosts.entrySet().stream()
            .map(host -> host.getKey() + " " + host.getValue() + "\n")
            .collect(Collectors.joining()));
    return installed;
  }

  private void install(String name, String arguments) throws IOException {
    Artifact artifact = Artifact.built();
    Path program = programs.resolve(name);
    if (artifact.isNative()) {
      Files.createSymbolicLink(program, artifact.file());
      return;
    }
    String command =
        artifact.command(List.of()).stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Files.writeString(program, "#!/bin/sh\nexec %s%s \"$@\"\n".formatted(command, arguments));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Where the program of that name is. */
  Path program(String name) {
    return programs.resolve(name);
  }

  /** The command {@code token-broker}. */
  Path command() {
    return program(COMMAND);
  }

  /** What the user's programs find the helpers by. */
  Map<String, String> environment() {
    return Map.of("HOME", home.toString(), "PATH", programs + ":/usr/bin:/bin");
  }
}
