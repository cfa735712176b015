package dev.tokenbroker.process.runtime;

import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.sts.UpstreamKind.ClientSecretFile;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.SharedSecret;
import io.smallrye.config.SmallRyeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Finds files with keys and secrets that every user of this machine may read. */
final class ExposedFiles {

  /** The settings that name such files, those of Quarkus for own clients and key stores too. */
  private static final Pattern SETTINGS =
      Pattern.compile(
          "token-broker\\.((token|store)\\.key-files|dpop\\.nonce-secret-file)(\\[\\d+])?"
              + "|quarkus\\.oidc-client\\..+\\.(client-secret\\.provider\\.keyring-name|jwt\\.token-path)"
              + "|quarkus\\.tls\\..*key-store\\.(pem\\..+\\.key|(p12|jks)\\.path)");

  private ExposedFiles() {}

  /** A warning for each such file that the settings name. */
  static List<String> warnings(SmallRyeConfig config) {
    return warnings(
        StreamSupport.stream(config.getPropertyNames().spliterator(), false)
            .filter(SETTINGS.asMatchPredicate())
            .flatMap(name -> config.getOptionalValues(name, String.class).stream())
            .flatMap(List::stream)
            .map(Path::of));
  }

  /** A warning for each such file that the upstreams and clients of the document name. */
  static List<String> warnings(Federation federation) {
    return warnings(
        Stream.concat(
                federation.upstreams().values().stream()
                    .flatMap(upstream -> upstream.definition().kind().secrets().stream())
                    .map(ClientSecretFile::path),
                federation.clients().all().stream()
                    .map(client -> client.proof() instanceof SharedSecret of ? of.file() : null))
            .filter(Objects::nonNull));
  }

  private static List<String> warnings(Stream<Path> files) {
    return files
        .distinct()
        .filter(ExposedFiles::isExposed)
        .map(
            file ->
                file
                    + " has a key or a secret, and every user of this machine may read it. Remove that"
                    + " permission (chmod o-r; of a volume of Kubernetes, defaultMode: 0440).")
        .toList();
  }

  private static boolean isExposed(Path file) {
    try {
      return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException _) {
      return false; // no such file, which its own feature reports, or no such permissions
    }
  }
}
