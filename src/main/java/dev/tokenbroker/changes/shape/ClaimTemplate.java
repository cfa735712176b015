package dev.tokenbroker.changes.shape;

import dev.tokenbroker.changes.shape.TemplateWords.Follows;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes the template of a text: {@code repo:<name>/<name>:ref:refs/heads/<name>}.
 *
 * <p>A template has the separators of the text and the words that {@link TemplateWords} knows; each
 * other part becomes a mask. Words count only in a text that begins with one, so a repository with
 * the name of a word is a name. Paths of two and more names look the same, as do URLs of any depth
 * and branches with any characters. So texts that differ only in their values have one template.
 */
final class ClaimTemplate {

  static final int MAX_CHARS = 128;

  private static final int MAX_READ_CHARS = 1024;

  private static final Pattern URL =
      Pattern.compile("([a-z][a-z0-9+.-]{0,15})://([^/?#]*+)([^?#]*+).*+", Pattern.DOTALL);

  private ClaimTemplate() {}

  /**
   * The template of a claim.
   *
   * @param name the name of the claim, which may tell the content: a {@code ref} is one name
   */
  static String of(String name, String value) {
    if (value.isEmpty()) {
      return ValueMask.EMPTY;
    }
    String read = value.length() > MAX_READ_CHARS ? value.substring(0, MAX_READ_CHARS) : value;
    Matcher url = URL.matcher(read);
    String template =
        url.matches()
            ? url(url.group(1), url.group(2), url.group(3))
            : parts(TemplateWords.after(name), read);
    return template.length() > MAX_CHARS ? template.substring(0, MAX_CHARS - 1) + "…" : template;
  }

  private static String url(String scheme, String authority, String path) {
    boolean spiffe = scheme.equals("spiffe");
    return (TemplateWords.isScheme(scheme) ? scheme : ValueMask.NAME)
        + "://"
        + ValueMask.authority(authority)
        + ValueMask.urlPath(path, part -> spiffe && TemplateWords.isSpiffeSegment(part));
  }

  private static String parts(@Nullable Follows ofClaim, String value) {
    if (ofClaim == Follows.FREE) {
      return free(value);
    }
    List<String> parts = List.of(value.split(":", -1));
    if (parts.size() == 1) {
      return ofClaim == Follows.PATH ? repository(value) : whole(value);
    }
    boolean wordy = ofClaim == null && TemplateWords.after(parts.getFirst()) != null;
    Follows next = ofClaim == null ? Follows.ANY : ofClaim;
    List<String> shown = new ArrayList<>();
    for (String part : parts) {
      Follows follows = wordy && next == Follows.ANY ? TemplateWords.after(part) : null;
      shown.add(follows == null ? value(next, part) : part);
      if (follows != null) {
        next = follows;
      } else if (next != Follows.NAMES) {
        next = Follows.ANY;
      }
    }
    return String.join(":", shown);
  }

  private static String value(Follows kind, String part) {
    return switch (kind) {
      case ANY, VALUE -> part.indexOf('/') < 0 ? ValueMask.of(part) : path(part);
      case PATH -> repository(part);
      case FREE -> free(part);
      case NAMES -> ValueMask.NAME;
    };
  }

  private static String whole(String value) {
    return value.indexOf('/') < 0 ? ValueMask.whole(value) : path(value);
  }

  /** A name with any characters; only the kind of a Git reference is shown. */
  private static String free(String part) {
    String[] segments = part.split("/", 3);
    return isRef(segments)
        ? segments[0] + '/' + segments[1] + '/' + ValueMask.NAME
        : ValueMask.NAME;
  }

  private static boolean isRef(String[] segments) {
    return segments.length == 3
        && segments[0].equals("refs")
        && TemplateWords.isRefKind(segments[1]);
  }

  private static String repository(String part) {
    int ref = part.indexOf("@refs/");
    String path = ref < 0 ? part : part.substring(0, ref);
    return ValueMask.path(path, _ -> false) + (ref < 0 ? "" : '@' + free(part.substring(ref + 1)));
  }

  private static String path(String part) {
    String[] segments = part.split("/", 3);
    if (isRef(segments)) {
      return free(part);
    }
    String first = segments[0].isEmpty() ? segments[1] : segments[0];
    boolean wordy = part.startsWith("//") || TemplateWords.isSegment(first);
    return ValueMask.path(part, segment -> wordy && TemplateWords.isSegment(segment));
  }
}
