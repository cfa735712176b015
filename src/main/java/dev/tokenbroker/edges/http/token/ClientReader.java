package dev.tokenbroker.edges.http.token;

import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedSecret;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
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

  static final Set<String> PARAMETERS = Set.of(ID, SECRET, ASSERTION, ASSERTION_TYPE);

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
    Optional<PresentedClient> basic = PresentedClient.ofBasic(authorization);
    if (basic.isEmpty()) {
      problems.add(
          TokenError.INVALID_CLIENT, AUTHORIZATION, "must be Basic with base64 of id:secret");
      return new PresentedClient(id, null, assertion, type, byCredential);
    }
    String user = basic.get().id();
    if (!id.isEmpty() && !id.equals(user)) {
      problems.add(TokenError.INVALID_REQUEST, ID, "must be equal to the id in Authorization");
    }
    return new PresentedClient(user, basic.get().secret(), assertion, type, byCredential);
  }
}
