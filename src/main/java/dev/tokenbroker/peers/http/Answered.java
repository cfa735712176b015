package dev.tokenbroker.peers.http;

import io.vertx.core.http.HttpHeaders;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The answer of a peer. */
public interface Answered {

  Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  /** What the answer says about itself, for operators only. */
  AnswerText words();

  default int status() {
    return words().status();
  }

  /** The first header of that name, as received; null where absent. */
  default @Nullable String header(String name) {
    return words().headers().get(name);
  }

  /** As received; empty where absent. */
  default String contentType() {
    String type = words().headers().get(HttpHeaders.CONTENT_TYPE);
    return type == null ? "" : type;
  }

  /** The content type in lower case, without parameters. */
  default String mediaType() {
    return contentType().split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  /** Whether the content type is that of a web page. */
  default boolean isPage() {
    return mediaType().equals("text/html") || mediaType().equals("application/xhtml+xml");
  }

  /** Where a redirect leads, as received; null if it is none. */
  default @Nullable String location() {
    return REDIRECTS.contains(status()) ? words().headers().get(HttpHeaders.LOCATION) : null;
  }

  /**
   * At most {@value PeerClient#MAX_BODY_BYTES} bytes; also empty where it cannot be read and the
   * status says enough: 5xx, 429, 408. Never to be logged.
   */
  default byte[] body() {
    return words().body();
  }
}
