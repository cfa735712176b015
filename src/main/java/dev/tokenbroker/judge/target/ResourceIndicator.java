package dev.tokenbroker.judge.target;

import java.net.URI;
import java.net.URISyntaxException;

/** Checks the URIs of the parameter {@code resource}, which name targets (RFC 8707 section 2). */
public final class ResourceIndicator {

  private ResourceIndicator() {}

  /** Whether the text is an absolute URI without fragment. */
  public static boolean isWellFormed(String text) {
    try {
      URI uri = new URI(text);
      // A URI has only ASCII characters (RFC 3986 section 2), but Java accepts others, too.
      return uri.isAbsolute()
          && uri.getRawFragment() == null
          && text.chars().allMatch(c -> c < 0x7F);
    } catch (URISyntaxException none) {
      return false;
    }
  }
}
