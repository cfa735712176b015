package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.peers.http.Origin;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the URLs of issuers and upstreams.
 *
 * @param httpToLoopback whether this host may be called without TLS
 */
record Addresses(boolean httpToLoopback, Problems problems) {

  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]|\\[0:0:0:0:0:0:0:1]");

  /** The value of {@code iss}: https, without user, query and fragment; null where reported. */
  @Nullable Scalar issuer(Scalar url) {
    return fit(
        "issuer",
        url,
        false,
        "Give an https URL without user, query and fragment (OpenID Connect Core section 2).");
  }

  /** Any other URL: https, without user and fragment; null where absent or reported. */
  @Nullable Scalar endpoint(Fields fields, String key) {
    Scalar url = fields.text(key);
    return url == null ? null : fit(key, url, true, "Give an https URL without user and fragment.");
  }

  /** A URL to which paths are appended: as {@link #endpoint}, and without a query. */
  @Nullable Scalar base(Fields fields, String key) {
    Scalar url = fields.text(key);
    return url == null
        ? null
        : fit(key, url, false, "Give an https URL without user, query and fragment.");
  }

  /** A list of origins: https URLs without a path; none where absent or reported. */
  Set<Origin> origins(Fields fields, String key) {
    String remedy = "Give scheme, host and port only, such as https://oauth2.googleapis.com.";
    Set<Origin> origins = new LinkedHashSet<>();
    for (Scalar url : fields.texts(key)) {
      if (fit(key, url, false, remedy) == null) {
        continue;
      }
      URI uri = URI.create(url.text());
      if (uri.getRawPath().isEmpty()) {
        origins.add(Origin.of(uri));
      } else {
        problems.at(url.place(), "'" + key + "' has a path: " + url.text(), remedy);
      }
    }
    return Collections.unmodifiableSet(origins);
  }

  private @Nullable Scalar fit(String key, Scalar url, boolean mayHaveQuery, String remedy) {
    Optional<String> fault = fault(url.text(), mayHaveQuery, httpToLoopback);
    if (fault.isPresent()) {
      problems.at(url.place(), "'" + key + "' " + fault.get(), remedy);
      return null;
    }
    return url;
  }

  /**
   * The fault of a URL that the broker calls, followed by the URL unless it may contain a password;
   * empty where it is valid.
   */
  static Optional<String> fault(String text, boolean mayHaveQuery, boolean httpToLoopback) {
    return found(text, mayHaveQuery, httpToLoopback)
        .map(fault -> text.contains("@") ? fault : fault + ": " + text);
  }

  private static Optional<String> found(String text, boolean mayHaveQuery, boolean httpToLoopback) {
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
