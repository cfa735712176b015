package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.peers.http.BearerToken;
import dev.tokenbroker.peers.http.PeerRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * The parameters of one token request (RFC 6749 sections 3.2 and 4.4, RFC 8693 section 2.1, RFC
 * 7523 section 2.1), which become a form or a JSON object. They keep the order in which they are
 * added. They include secrets, so {@link #toString} shows only names. Confined to the attempt that
 * makes it.
 */
final class TokenForm {

  /** A parameter with a default, which a target may change for its upstream. */
  private static final String SUBJECT_TOKEN_TYPE = "subject_token_type";

  static final String REQUESTED_TOKEN_TYPE = "requested_token_type";

  private final SequencedMap<String, List<String>> parameters = new LinkedHashMap<>();
  private final Map<String, String> headers = new HashMap<>();

  /** The parameters of a grant, without the client's authentication. */
  static TokenForm of(UpstreamGrant grant, Wanted wanted) {
    Map<String, String> more = wanted.exchange().parameters();
    TokenForm form = new TokenForm().add("grant_type", grant.grantType());
    switch (grant) {
      case TOKEN_EXCHANGE -> {
        form.add("subject_token", wanted.credential().value());
        if (!more.containsKey(SUBJECT_TOKEN_TYPE)) {
          form.add(SUBJECT_TOKEN_TYPE, wanted.credential().tokenType());
        }
        if (!more.containsKey(REQUESTED_TOKEN_TYPE)) {
          form.add(REQUESTED_TOKEN_TYPE, IssuedToken.ACCESS_TOKEN);
        }
        BearerToken actor = wanted.actor();
        if (actor != null) {
          // RFC 8693 section 2.1: the type is required wherever there is an actor token.
          form.add("actor_token", actor.value()).add("actor_token_type", Actor.TOKEN_TYPE);
        }
      }
      case JWT_BEARER -> form.add("assertion", wanted.credential().value());
      case CLIENT_CREDENTIALS -> {}
    }
    String audience = wanted.exchange().audience();
    if (audience != null) {
      form.add("audience", audience);
    }
    // The one parameter that may occur several times (RFC 8693 section 2.1, RFC 8707 section 2).
    if (!wanted.exchange().resources().isEmpty()) {
      form.parameters.put("resource", wanted.exchange().resources());
    }
    if (!wanted.scopes().isEmpty()) {
      form.add("scope", String.join(" ", wanted.scopes()));
    }
    new TreeMap<>(more).forEach(form::add);
    return form;
  }

  /**
   * Adds a parameter.
   *
   * @throws IllegalArgumentException if it is already set (RFC 6749 section 3.2); a target sets
   *     none of {@link Upstream#RESERVED_PARAMETERS}
   */
  TokenForm add(String name, String value) {
    if (parameters.putIfAbsent(name, List.of(value)) != null) {
      throw new IllegalArgumentException("the parameter " + name + " is set already");
    }
    return this;
  }

  /** Sets a header of the request. */
  TokenForm header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** The request itself, as the upstream takes it. */
  PeerRequest to(URI endpoint, UpstreamDefinition upstream, RequestEncoding encoding) {
    return switch (encoding) {
      case FORM -> PeerRequest.form(endpoint, upstream.tls(), form(), headers);
      case JSON -> PeerRequest.json(endpoint, upstream.tls(), json(), headers);
    };
  }

  /** Encodes as {@code application/x-www-form-urlencoded} does (RFC 6749 appendix B). */
  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private byte[] form() {
    StringJoiner body = new StringJoiner("&");
    parameters.forEach(
        (name, values) -> values.forEach(value -> body.add(encode(name) + "=" + encode(value))));
    return body.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** All members are strings; several values of a parameter are a list of them. */
  private byte[] json() {
    Map<String, Object> members = new LinkedHashMap<>();
    parameters.forEach(
        (name, values) -> members.put(name, values.size() == 1 ? values.getFirst() : values));
    return JsonBytes.of(members);
  }

  @Override
  public String toString() {
    return "TokenForm" + parameters.keySet();
  }
}
