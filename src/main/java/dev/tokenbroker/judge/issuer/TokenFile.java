package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.peers.http.BearerToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The file with the broker's own token. It is read for each fetch, since Kubernetes replaces a
 * projected service account token before the token expires.
 *
 * @param path the file; it may be absent until the first fetch
 */
record TokenFile(Path path) implements BearerSource {

  private static final int MAX_BYTES = BearerToken.MAX_CHARS + 1024;

  @Override
  public Outcome<Optional<BearerToken>> bearer(Deadline deadline) {
    String token;
    try {
      // One character for each byte, so that no other byte passes for ASCII. White space around the
      // token is no part of it.
      token = new String(BoundedFile.read(path, MAX_BYTES), StandardCharsets.ISO_8859_1).strip();
    } catch (IOException unreadable) {
      return refused("cannot be read: " + BoundedFile.why(unreadable));
    }
    if (token.isEmpty()) {
      return refused("is empty");
    }
    return BearerToken.isWellFormed(token)
        ? Outcome.accepted(Optional.of(new BearerToken(token)))
        : refused("holds something else than one token (RFC 6750 section 2.1)");
  }

  private Outcome<Optional<BearerToken>> refused(String problem) {
    return Outcome.refused(
        Refusal.of(RefusalReason.ISSUER_ACCESS_REFUSED)
            .seen("no request: the file with the broker's own token, " + path + ", " + problem));
  }
}
