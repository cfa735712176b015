package dev.tokenbroker.sts;

import dev.tokenbroker.outbound.PostRequest;
import dev.tokenbroker.signing.IssuedToken;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The form of one token request (RFC 6749 sections 3.2 and 4.4, RFC 8693 section 2.1, RFC 7523
 * section 2.1). Parameters keep the order in which they are added. The form holds secrets, so
 * {@link #toString} shows only names. Confined to the attempt that makes it.
 */
final class TokenForm {

  /** A parameter with a default, which a target may change for its upstream. */
  private static final String SUBJECT_TOKEN_TYPE = "subject_token_type";

  static final String REQUESTED_TOKEN_TYPE = "requested_token_type";

  private final StringBuilder body = new StringBuilder(1024);
  private final Set<String> names = new HashSet<>();
  private final Map<String, String> headers = new HashMap<>();

  /** The form of a grant, without the client's authentication. */
  static TokenForm of(UpstreamGrant grant, Wanted wanted) {
    Map<String, String> parameters = wanted.exchange().parameters();
    TokenForm form = new TokenForm().add("grant_type", grant.grantType());
    switch (grant) {
      case TOKEN_EXCHANGE -> {
        form.add("subject_token", wanted.credential().value());
        if (!parameters.containsKey(SUBJECT_TOKEN_TYPE)) {
          form.add(SUBJECT_TOKEN_TYPE, wanted.credential().tokenType());
        }
        if (!parameters.containsKey(REQUESTED_TOKEN_TYPE)) {
          form.add(REQUESTED_TOKEN_TYPE, IssuedToken.ACCESS_TOKEN);
        }
      }
      case JWT_BEARER -> form.add("assertion", wanted.credential().value());
      case CLIENT_CREDENTIALS -> {}
    }
    String audience = wanted.exchange().audience();
    if (audience != null) {
      form.add("audience", audience);
    }
    form.addAll("resource", wanted.exchange().resources());
    if (!wanted.scopes().isEmpty()) {
      form.add("scope", String.join(" ", wanted.scopes()));
    }
    new TreeMap<>(parameters).forEach(form::add);
    return form;
  }

  /**
   * Adds a parameter.
   *
   * @throws IllegalArgumentException if it is already set (RFC 6749 section 3.2); a target sets
   *     none of {@link Upstream#RESERVED_PARAMETERS}
   */
  TokenForm add(String name, String value) {
    if (!names.add(name)) {
      throw new IllegalArgumentException("the parameter " + name + " is set already");
    }
    append(name, value);
    return this;
  }

  /** Sets a header of the request. */
  TokenForm header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /**
   * The request itself.
   *
   * @param tls the TLS configuration, by name; null for the default one
   */
  PostRequest to(URI endpoint, @Nullable String tls) {
    return PostRequest.form(
        endpoint, tls, body.toString().getBytes(StandardCharsets.US_ASCII), headers);
  }

  /** Encodes as {@code application/x-www-form-urlencoded} does (RFC 6749 appendix B). */
  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * Adds the one parameter that may occur several times (RFC 8693 section 2.1, RFC 8707 section 2).
   */
  private void addAll(String name, List<String> values) {
    if (!values.isEmpty()) {
      names.add(name);
      values.forEach(value -> append(name, value));
    }
  }

  private void append(String name, String value) {
    if (!body.isEmpty()) {
      body.append('&');
    }
    body.append(encode(name)).append('=').append(encode(value));
  }

  @Override
  public String toString() {
    return "TokenForm" + names;
  }
}
