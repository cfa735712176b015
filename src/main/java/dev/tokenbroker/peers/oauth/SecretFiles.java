package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.files.WatchedFile;
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
import org.jspecify.annotations.Nullable;

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

  private final OidcClientsConfig settings;
  private final Instance<ChangeListener> changes;

  /** The files by path: as many as there are clients. */
  private final Map<String, WatchedFile<String>> files = new ConcurrentHashMap<>();

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
    return switch (look(path)) {
      case Usable<String>(String secret) -> Map.of(KEY, secret);
      case Unusable<String>(String problem) ->
          throw new UncheckedIOException(new IOException(path + " " + problem));
    };
  }

  /** Why that file has no secret; empty if it has one. */
  String fault(String path) {
    return switch (look(path)) {
      case Usable<String>(String secret) -> secret.isEmpty() ? path + " is empty" : "";
      case Unusable<String>(String problem) -> path + " " + problem;
    };
  }

  /** Reads the file on a worker thread: the OIDC client asks on an event loop. */
  @Override
  public Uni<Map<String, String>> getCredentialsAsync(String path) {
    return Uni.createFrom()
        .item(() -> getCredentials(path))
        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
  }

  private FileContent<String> look(String path) {
    return files
        .computeIfAbsent(
            path,
            _ ->
                new WatchedFile<>(
                    Path.of(path),
                    MAX_BYTES,
                    bytes ->
                        new Usable<>(BoundedFile.line(new String(bytes, StandardCharsets.UTF_8))),
                    (before, now) -> looked(path, before, now)))
        .look();
  }

  /** Tells an unusable file once, whatever the problem; the first good look is no change. */
  private void looked(String path, @Nullable FileContent<String> before, FileContent<String> now) {
    boolean again = before instanceof Unusable<String>;
    if (now instanceof Unusable<String>(String problem)) {
      if (!again) {
        changed(ChangeKind.SECRET_REJECTED, path, " " + problem);
      }
    } else if (before != null) {
      changed(
          ChangeKind.SECRET_RELOADED, path, again ? " can be read again" : " has another content");
    }
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
