package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.jose.Sha256;
import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import io.quarkus.arc.Unremovable;
import io.quarkus.credentials.CredentialsProvider;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * The client secrets in files: one line each. A file is read for each request, and again when the
 * provider answers 401; then the OIDC client sends its request once more, if the secret is another
 * one. So a secret can be replaced while the broker runs.
 */
@Singleton
@Unremovable
final class SecretFiles implements CredentialsProvider {

  /** The key of the secret, for {@code client-secret.provider.key}. */
  static final String KEY = "secret";

  private static final int MAX_BYTES = 4 * 1024;
  private static final Pattern LINE_END = Pattern.compile("(\\r?\\n|\\r)\\z");

  private final OidcClientsConfig settings;
  private final Instance<ChangeListener> changes;

  /** In place of a digest: told once, though each request reads the file. */
  private static final String UNREADABLE = "";

  /** The digests of the last contents, by path: as many as there are clients. */
  private final Map<String, String> digests = new ConcurrentHashMap<>();

  /**
   * Looks the listener up at the first change: the OIDC client reads its secret before all else.
   */
  SecretFiles(OidcClientsConfig settings, Instance<ChangeListener> changes) {
    this.settings = settings;
    this.changes = changes;
  }

  /**
   * The secret in that file.
   *
   * @throws UncheckedIOException if the file cannot be read; the message does not quote it
   */
  @Override
  public Map<String, String> getCredentials(String path) {
    try {
      return Map.of(KEY, secret(path));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(new IOException(path + ": " + BoundedFile.why(unreadable)));
    }
  }

  /** Why that file has no secret; empty if it has one. */
  String fault(String path) {
    try {
      return secret(path).isEmpty() ? path + " is empty" : "";
    } catch (IOException unreadable) {
      return path + " cannot be read: " + BoundedFile.why(unreadable);
    }
  }

  /** Reads the file on a worker thread: the OIDC client asks on an event loop. */
  @Override
  public Uni<Map<String, String>> getCredentialsAsync(String path) {
    return Uni.createFrom()
        .item(() -> getCredentials(path))
        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
  }

  private String secret(String path) throws IOException {
    byte[] content;
    try {
      content = BoundedFile.read(Path.of(path), MAX_BYTES);
    } catch (IOException unreadable) {
      if (!UNREADABLE.equals(digests.put(path, UNREADABLE))) {
        changed(
            ChangeKind.SECRET_REJECTED, path, " cannot be read: " + BoundedFile.why(unreadable));
      }
      throw unreadable;
    }
    String digest = Sha256.name(content);
    String before = digests.put(path, digest);
    if (before != null && !before.equals(digest)) {
      changed(
          ChangeKind.SECRET_RELOADED,
          path,
          before.equals(UNREADABLE) ? " can be read again" : " has another content");
    }
    return LINE_END.matcher(new String(content, StandardCharsets.UTF_8)).replaceFirst("");
  }

  private void changed(ChangeKind kind, String path, String what) {
    settings
        .namedClients()
        .forEach(
            (name, client) -> {
              if (client
                  .credentials()
                  .clientSecret()
                  .provider()
                  .keyringName()
                  .equals(Optional.of(path))) {
                changes
                    .get()
                    .changed(new Change(kind, SubjectKind.OWN_CLIENT, name, "", path + what));
              }
            });
  }
}
