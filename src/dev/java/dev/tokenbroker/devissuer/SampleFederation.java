package dev.tokenbroker.devissuer;

import io.quarkus.arc.profile.IfBuildProfile;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import org.eclipse.microprofile.config.Config;

/**
 * Writes the sample federation before the broker reads it. An existing document that trusts the
 * development issuer on today's HTTP port is a developer's work and left alone.
 */
@Singleton
@IfBuildProfile("dev")
final class SampleFederation {

  /** Where dev mode's {@code token-broker.federation.path} points, from the project's folder. */
  static final Path FILE = Path.of("target", "dev-federation.yaml");

  /** The broker's secret for the upstream, beside the document. */
  static final String SECRET_FILE = "dev-corp-sso.secret";

  /** The keys of the development issuer: its address answers only once the broker has started. */
  static final String KEY_FILE = "dev-issuer.jwks.json";

  private static final String PORT_KEY = "quarkus.http.port";
  private static final int DEFAULT_PORT = 8080;
  private static final int DEFAULT_CI_PORT = 8444;

  private final Config config;
  private final CiServer ci;
  private final DevIssuer issuer;

  SampleFederation(Config config, CiServer ci, DevIssuer issuer) {
    this.config = config;
    this.ci = ci;
    this.issuer = issuer;
  }

  /**
   * Runs after {@link CiServer} has its port, and before the federation is loaded by an observer
   * without a priority (2500).
   */
  void layOut(@Observes @Priority(CiServer.EARLY + 1) Startup startup) {
    int port = config.getOptionalValue(PORT_KEY, Integer.class).orElse(DEFAULT_PORT);
    layOut(FILE, port, ci.port().orElse(DEFAULT_CI_PORT));
    try {
      Files.writeString(FILE.resolveSibling(KEY_FILE), issuer.jwks());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the keys of the development issuer", e);
    }
  }

  static void layOut(Path file, int port, int ciPort) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file.resolveSibling(SECRET_FILE), CorpSso.CLIENT_SECRET);
      if (Files.exists(file) && Files.readString(file).contains(DevIssuer.issuer(port))) {
        return;
      }
      // Moved into place, since the broker may be watching: it must never see half a document.
      Path fresh = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(fresh, document(port, ciPort));
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the sample federation to " + file, e);
    }
  }

  /** The sample for a broker and an issuer {@code ci} at those ports. */
  static String document(int port, int ciPort) {
    try (InputStream sample = SampleFederation.class.getResourceAsStream("federation.yaml")) {
      return new String(Objects.requireNonNull(sample).readAllBytes(), StandardCharsets.UTF_8)
          .replace(DevIssuer.issuer(DEFAULT_PORT), DevIssuer.issuer(port))
          .replace(CiIssuer.issuer(DEFAULT_CI_PORT), CiIssuer.issuer(ciPort));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the sample federation", e);
    }
  }
}
