package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.jose.JsonBytes;
import dev.tokenbroker.base.jose.StrictJson;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.peers.store.LogEntry;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A public key that a replica announces to the others.
 *
 * @param jwk its members; {@code kid} is its thumbprint
 * @param by the replica
 * @param until when the others need not publish it any more
 * @param entry as it stands in the log
 */
record AnnouncedKey(Map<String, Object> jwk, String by, Instant until, LogEntry entry) {

  static AnnouncedKey of(Map<String, Object> jwk, String by, Instant until, Instant now) {
    byte[] content = JsonBytes.of(Map.of("jwk", jwk, "by", by, "until", until.getEpochSecond()));
    return new AnnouncedKey(jwk, by, until, new LogEntry(now, content));
  }

  /**
   * Reads an entry of the log; empty if it has no public key that can verify, as of another build.
   */
  static Optional<AnnouncedKey> read(LogEntry entry) {
    if (StrictJson.object(entry.content(), "key", StrictJson.Nulls.REFUSED)
            instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members)
        && members.get("jwk") instanceof Map<?, ?> jwk
        && members.get("by") instanceof String by
        && members.get("until") instanceof Long until) {
      return publicKey(jwk)
          .map(key -> new AnnouncedKey(key, by, Instant.ofEpochSecond(until), entry));
    }
    return Optional.empty();
  }

  @SuppressWarnings("unchecked") // StrictJson gives no other names than texts
  private static Optional<Map<String, Object>> publicKey(Map<?, ?> members) {
    Map<String, Object> jwk = (Map<String, Object>) members;
    return Optional.of(jwk)
        .filter(key -> !VerificationKey.isPrivate(key) && key.get("alg") instanceof String)
        .filter(
            key ->
                VerificationKey.of(key)
                    .filter(usable -> usable.thumbprint().equals(key.get("kid")))
                    .isPresent());
  }

  String kid() {
    return (String) Objects.requireNonNull(jwk.get("kid"));
  }

  /** Of two announcements the one that holds for longer. */
  AnnouncedKey later(AnnouncedKey other) {
    return other.until().isAfter(until) ? other : this;
  }
}
