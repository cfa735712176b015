package dev.tokenbroker.policy;

import java.net.URI;
import java.net.URISyntaxException;

/** What the parameter {@code resource} names a target by (RFC 8707 section 2). */
public final class ResourceIndicator {

  private ResourceIndicator() {}

  /** Whether it is an absolute URI without fragment. */
  public static boolean isWellFormed(String text) {
    try {
      URI uri = new URI(text);
      // A URI is of ASCII characters (RFC 3986 section 2), where Java takes others, too.
      return uri.isAbsolute()
          && uri.getRawFragment() == null
          && text.chars().allMatch(c -> c < 0x7F);
    } catch (URISyntaxException none) {
      return false;
    }
  }
}
