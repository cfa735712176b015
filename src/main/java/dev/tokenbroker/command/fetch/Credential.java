package dev.tokenbroker.command.fetch;

import dev.tokenbroker.base.jose.CompactJws;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.base.text.Sha256;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A credential as its place holds it. Nobody has verified it. It is a secret: {@link #toString}
 * does not show it.
 *
 * @param value 1 to {@value #MAX_CHARS} printable characters of ASCII, without white space
 */
public record Credential(String value) {

  /** Larger than any credential that a broker can be set to accept. */
  static final int MAX_CHARS = 64 * 1024;

  private static final Pattern FORM = Pattern.compile("[!-~]{1," + MAX_CHARS + "}");

  /** Claims that differ between two credentials with the same rights. */
  private static final Set<String> PASSING = Set.of("iat", "exp", "nbf", "jti");

  /**
   * Reads a credential; white space around it is ignored.
   *
   * @param what its place in messages, such as "the file"
   */
  static Credential parse(String text, String what) throws NoToken {
    String value = text.strip();
    if (value.isEmpty()) {
      throw new NoToken(NoToken.Kind.NO_CREDENTIAL, what + " is empty");
    }
    if (!FORM.matcher(value).matches()) {
      throw new NoToken(
          NoToken.Kind.BAD_CREDENTIAL,
          what + " holds no credential: expected one word of at most 64 KiB");
    }
    return new Credential(value);
  }

  /**
   * What makes two credentials equal in rights: all claims, except the times and the id. Issuer and
   * subject are among the claims. Empty for an opaque credential.
   */
  Optional<String> rights() {
    return CompactJws.parse(value, MAX_CHARS).then(CompactJws::claims)
            instanceof Accepted<Map<String, Object>>(Map<String, Object> claims)
        ? Optional.of(digest(claims))
        : Optional.empty();
  }

  private static String digest(Map<String, Object> claims) {
    Map<String, Object> lasting = new TreeMap<>(claims);
    lasting.keySet().removeAll(PASSING);
    return Sha256.hex(JsonBytes.of(lasting));
  }

  @Override
  public String toString() {
    return "Credential";
  }
}
