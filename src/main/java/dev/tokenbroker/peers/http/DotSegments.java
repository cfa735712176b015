package dev.tokenbroker.peers.http;

import java.util.ArrayDeque;
import java.util.Deque;

/** The dot segments of a path (RFC 3986 section 5.2.4). */
public final class DotSegments {

  private DotSegments() {}

  /** The path without them; an empty path becomes the root. */
  public static String removed(String path) {
    Deque<String> kept = new ArrayDeque<>();
    boolean directory = false;
    for (String segment : path.replaceFirst("^/", "").split("/", -1)) {
      directory = segment.equals(".") || segment.equals("..");
      if (!directory) {
        kept.add(segment);
      } else if (segment.equals("..")) {
        kept.pollLast();
      }
    }
    if (directory) {
      kept.add("");
    }
    return "/" + String.join("/", kept);
  }
}
