package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Judges federation documents that are shipped with deployments as the broker would. */
public final class ShippedFederations {

  /** The secret of the broker at its upstream. */
  public static final String SECRET = "made-at-the-first-start";

  private ShippedFederations() {}

  /** Plain http is spoken to nobody, as outside development. */
  public static LoadResult load(Path path) {
    return Documents.loader(false).load(path);
  }

  /**
   * The one of {@code docker/compose.yaml}, with {@link #SECRET} as its secret.
   *
   * @param folder to write both to
   */
  public static LoadResult ofCompose(Path folder) throws IOException {
    String secret =
        Files.writeString(folder.resolve("acme-sso"), SECRET).toAbsolutePath().toString();
    String document =
        Files.readString(Path.of("docker/broker/federation.yaml"))
            .replace("/run/secrets/acme-sso", secret);
    return load(Files.writeString(folder.resolve("federation.yaml"), document));
  }
}
