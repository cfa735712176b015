package dev.tokenbroker.edges.http;

import dev.tokenbroker.evaluate.exchange.PresentedClient;
import dev.tokenbroker.evaluate.exchange.PresentedSecret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads how the client of a token request authenticates (RFC 6749 section 2.3, RFC 7521 section
 * 4.2). A client uses one way only: its errors are those of the form. Checks no secret. One
 * instance reads one request.
 */
final class ClientReader {

  static final String ASSERTION = "client_assertion";
  static final String ASSERTION_TYPE = "client_assertion_type";
  static final String SECRET = "client_secret";
  static final String ID = "client_id";
  static final String AUTHORIZATION = "Authorization";

  private static final String BASIC = "Basic";

  private final FormParameters form;
  private final String authorization;
  private final Problems problems;

  /** Takes the errors of a request. */
  interface Problems {
    void add(TokenError error, String parameter, String description);
  }

  /**
   * @param authorization the header of that name, empty if there is none
   */
  ClientReader(FormParameters form, String authorization, Problems problems) {
    this.form = form;
    this.authorization = authorization;
    this.problems = problems;
  }

  /**
   * Reads the client.
   *
   * @param byCredential whether the assertion is the credential
   */
  PresentedClient client(boolean byCredential) {
    long ways =
        Stream.of(!authorization.isEmpty(), form.has(SECRET), form.has(ASSERTION))
            .filter(used -> used)
            .count();
    if (ways > 1) {
      problems.add(
          TokenError.INVALID_REQUEST, ID, "must be proved in one way only (RFC 6749 section 2.3)");
    }
    String assertion = byCredential ? "" : form.first(ASSERTION);
    String type = byCredential ? "" : form.first(ASSERTION_TYPE);
    String id = form.first(ID);
    if (!authorization.isEmpty()) {
      return basic(id, assertion, type, byCredential);
    }
    return new PresentedClient(id, secretOfForm(), assertion, type, byCredential);
  }

  private @Nullable PresentedSecret secretOfForm() {
    return form.has(SECRET)
        ? new PresentedSecret(
            form.first(SECRET).getBytes(StandardCharsets.UTF_8), PresentedSecret.In.FORM)
        : null;
  }

  private PresentedClient basic(String id, String assertion, String type, boolean byCredential) {
    byte[] pair = pair();
    int colon = 0;
    while (colon < pair.length && pair[colon] != ':') {
      colon++;
    }
    if (colon == pair.length) {
      problems.add(
          TokenError.INVALID_CLIENT, AUTHORIZATION, "must be Basic with base64 of id:secret");
      return new PresentedClient(id, null, assertion, type, byCredential);
    }
    String user = formDecoded(new String(pair, 0, colon, StandardCharsets.UTF_8));
    if (!id.isEmpty() && !id.equals(user)) {
      problems.add(TokenError.INVALID_REQUEST, ID, "must be equal to the id in Authorization");
    }
    byte[] octets = Arrays.copyOfRange(pair, colon + 1, pair.length);
    return new PresentedClient(
        user, new PresentedSecret(octets, PresentedSecret.In.BASIC), assertion, type, byCredential);
  }

  /** The decoded pair of id and secret; empty if the header is not of the scheme {@code Basic}. */
  private byte[] pair() {
    if (!Challenge.scheme(authorization).filter(BASIC::equalsIgnoreCase).isPresent()) {
      return new byte[0];
    }
    try {
      return Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
    } catch (IllegalArgumentException notEncoded) {
      return new byte[0];
    }
  }

  // Clients that do not encode the id send a percent sign as it is.
  private static String formDecoded(String id) {
    try {
      return URLDecoder.decode(id, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException notEncoded) {
      return id;
    }
  }
}
