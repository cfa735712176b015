package dev.tokenbroker.oidc;

import dev.tokenbroker.jose.CompactJws;
import dev.tokenbroker.outcome.BoundedFile;
import dev.tokenbroker.outcome.Outcome;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import io.quarkus.oidc.client.OidcClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a client gets its tokens.
 *
 * @param name the name of the client, {@code quarkus.oidc-client.NAME}
 * @param assertionFile the file with the token that the client presents as its assertion; null if
 *     it has a secret or a key
 */
record Provider(String name, OidcClient client, @Nullable Path assertionFile) {

  private static final int MAX_FILE_BYTES = 32 * 1024;

  /**
   * Throws if there is nothing to present to the provider. The client would report the same as for
   * a provider that is down.
   *
   * @throws NoOwnToken with {@code OWN_TOKEN_REFUSED}
   */
  void requireCredential() {
    String fault = assertionFile == null ? "" : fault(assertionFile);
    if (!fault.isEmpty()) {
      throw new NoOwnToken(
          Refusal.of(RefusalReason.OWN_TOKEN_REFUSED)
              .expected("a signed JWT in " + assertionFile)
              .seen("not asked; " + fault),
          null);
    }
  }

  private static String fault(Path file) {
    try {
      String text = new String(BoundedFile.read(file, MAX_FILE_BYTES), StandardCharsets.US_ASCII);
      return CompactJws.parse(text.strip(), MAX_FILE_BYTES) instanceof Outcome.Accepted
          ? ""
          : "the file has no signed JWT";
    } catch (IOException unreadable) {
      return "the file cannot be read: " + BoundedFile.why(unreadable);
    }
  }
}
