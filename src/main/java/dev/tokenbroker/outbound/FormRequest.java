package dev.tokenbroker.outbound;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A form to be posted. Body and header values are secrets: neither stands in {@link #toString} nor
 * in the message of an exception.
 *
 * @param uri where; https unless the settings allow http to loopback
 * @param tls the TLS configuration that says whom to trust and who we are, by name; null for the
 *     default one
 * @param body {@code application/x-www-form-urlencoded}
 * @param headers further headers, {@code Authorization} say; none of those that the door sets
 *     itself
 */
@SuppressWarnings("ArrayRecordComponent") // it is handed over once and never compared
public record FormRequest(URI uri, @Nullable String tls, byte[] body, Map<String, String> headers) {

  private static final Set<String> SET_BY_THE_DOOR =
      Set.of(
          "accept",
          "accept-encoding",
          "connection",
          "content-encoding",
          "content-length",
          "content-type",
          "expect",
          "host",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent");

  /** Refuses headers that would change how the request is framed or where it goes. */
  public FormRequest {
    headers = Map.copyOf(headers);
    headers.forEach(
        (name, value) -> {
          if (!name.matches("[A-Za-z0-9-]{1,64}")
              || SET_BY_THE_DOOR.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("no such header may be set on a form");
          }
          if (!value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new IllegalArgumentException(
                "the value of header " + name + " is not printable ASCII");
          }
        });
  }

  @Override
  public String toString() {
    return "FormRequest[" + uri.getHost() + ", " + body.length + " bytes]";
  }
}
