package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Judges federation documents that are shipped with deployments as the broker would. */
public final class ShippedFederations {

  private ShippedFederations() {}

  /** Plain http is spoken to nobody, as outside development. */
  public static LoadResult load(Path path) {
    return Documents.loader(false).load(path);
  }

  /**
   * The one of {@code docker/compose.yaml}, with its secret where that lies in the sources.
   *
   * @param folder to write it to
   */
  public static LoadResult ofCompose(Path folder) throws IOException {
    String secret = Path.of("docker/keycloak/acme-sso.secret").toAbsolutePath().toString();
    String document =
        Files.readString(Path.of("docker/broker/federation.yaml"))
            .replace("/run/secrets/acme-sso", secret);
    return load(Files.writeString(folder.resolve("federation.yaml"), document));
  }
}
