package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the URLs of issuers and upstreams, and the TLS configurations for them.
 *
 * @param httpToLoopback whether this host may be called without TLS
 */
record Addresses(boolean httpToLoopback, Problems problems) {

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

  private @Nullable Scalar fit(String key, Scalar url, boolean mayHaveQuery, String remedy) {
    Optional<String> fault = Syntax.addressFault(url.text(), mayHaveQuery, httpToLoopback);
    if (fault.isPresent()) {
      problems.at(url.place(), "'" + key + "' " + fault.get(), remedy);
      return null;
    }
    return url;
  }
}
