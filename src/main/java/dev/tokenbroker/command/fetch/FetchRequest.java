package dev.tokenbroker.command.fetch;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A wanted token, and the broker to request it from.
 *
 * @param tokenEndpoint the address of the broker's token endpoint; https, or http to loopback
 * @param authorities the file of the authorities to trust, PEM; null for the system's
 * @param audience the target
 * @param scopes the wanted scopes, sorted and without duplicates; empty for all granted
 */
public record FetchRequest(
    URI tokenEndpoint, @Nullable Path authorities, String audience, List<String> scopes) {

  /**
   * Checks the parts.
   *
   * @param broker the address of the broker, to which {@code /token} is added
   * @throws NoToken {@code MISUSE} if the address, the audience or a scope cannot be used
   */
  public static FetchRequest of(
      String broker, @Nullable Path authorities, String audience, List<String> scopes)
      throws NoToken {
    URI address = SafeAddress.parse(broker, "the broker");
    if (address.getRawQuery() != null) {
      throw new NoToken(NoToken.Kind.MISUSE, "the address of the broker must have no query");
    }
    if (audience.isBlank()) {
      throw new NoToken(NoToken.Kind.MISUSE, "the audience is empty");
    }
    for (String scope : scopes) {
      if (!scope.matches("[!#-\\[\\]-~]+")) { // RFC 6749 section 3.3
        throw new NoToken(NoToken.Kind.MISUSE, "a scope must be one word, without quotes");
      }
    }
    return new FetchRequest(
        URI.create(address.toString().replaceFirst("/+$", "") + "/token"),
        authorities,
        audience,
        scopes.stream().distinct().sorted().toList());
  }
}
