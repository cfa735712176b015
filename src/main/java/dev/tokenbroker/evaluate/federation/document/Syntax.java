package dev.tokenbroker.evaluate.federation.document;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The valid forms of values in the document. */
final class Syntax {

  private static final Pattern CLAIM = Pattern.compile("[\\x21-\\x7E]{1,128}");
  private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7E]+");
  private static final Pattern PARAMETER = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]|\\[0:0:0:0:0:0:0:1]");

  private Syntax() {}

  /** Printable ASCII without blanks. */
  static boolean isClaimName(String text) {
    return CLAIM.matcher(text).matches();
  }

  static boolean isPrintable(String text) {
    return PRINTABLE.matcher(text).matches();
  }

  /** RFC 6749 section 8.2. */
  static boolean isParameterName(String text) {
    return PARAMETER.matcher(text).matches();
  }

  /**
   * The fault of a URL that the broker calls, followed by the URL unless it may contain a password;
   * empty where it is valid.
   */
  static Optional<String> addressFault(String text, boolean mayHaveQuery, boolean httpToLoopback) {
    return fault(text, mayHaveQuery, httpToLoopback)
        .map(fault -> text.contains("@") ? fault : fault + ": " + text);
  }

  private static Optional<String> fault(String text, boolean mayHaveQuery, boolean httpToLoopback) {
    URI uri = uri(text);
    if (uri == null || uri.getHost() == null || uri.getScheme() == null) {
      return Optional.of("is not an absolute https URL");
    }
    boolean plainButLocal =
        httpToLoopback
            && uri.getScheme().equals("http")
            && LOOPBACK.matcher(uri.getHost()).matches();
    if (!uri.getScheme().equals("https") && !plainButLocal) {
      return Optional.of("does not begin with https://");
    }
    if (uri.getRawUserInfo() != null) {
      return Optional.of("holds a user name");
    }
    if (uri.getRawFragment() != null) {
      return Optional.of("has a fragment");
    }
    if (uri.getRawQuery() != null && !mayHaveQuery) {
      return Optional.of("has a query");
    }
    return uri.getPort() > 65_535 ? Optional.of("has no possible port") : Optional.empty();
  }

  private static @Nullable URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      return null;
    }
  }
}
