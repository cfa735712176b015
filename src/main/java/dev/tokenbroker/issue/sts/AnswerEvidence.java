package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.jose.PeerJson;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.peers.http.PeerClient.Posted;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of an upstream's response that operators may see: where it came from, its head, and the
 * members that are no secret. Callers see none of it.
 *
 * <p>A server may repeat a part of the request in its description. So {@link
 * dev.tokenbroker.base.outcome.Evidence} replaces tokens, and this class every long run of
 * characters that is neither a word nor a UUID.
 */
final class AnswerEvidence {

  /** Members that describe an error (RFC 6749 section 5.2) or a token, apart from the token. */
  private static final List<String> PUBLIC =
      List.of(
          "error",
          "error_description",
          "error_uri",
          "token_type",
          "issued_token_type",
          "expires_in",
          "scope");

  /** Keys, secrets and opaque tokens have at least that length; words do not. */
  private static final Pattern LONG_RUN = Pattern.compile("[A-Za-z0-9._~+/=-]{32,}");

  private static final Pattern UUID =
      Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}\\.?");

  /**
   * Entra ID's codes for an assertion that no federated credential matches. It answers so for some
   * minutes after one was registered, too.
   */
  private static final Pattern UNREGISTERED =
      Pattern.compile("AADSTS70021\\d{0,2}:.*", Pattern.DOTALL);

  private AnswerEvidence() {}

  /** The refusal with the evidence of this response as notes for operators. */
  static Refusal of(Refusal refusal, Posted.Response response, URI endpoint) {
    Refusal told = refusal;
    for (String note : notes(response, endpoint)) {
      told = told.note(note);
    }
    return told;
  }

  private static List<String> notes(Posted.Response response, URI endpoint) {
    List<String> notes = new ArrayList<>();
    String type = response.contentType();
    notes.add(
        "The token endpoint "
            + address(endpoint)
            + " answered status "
            + response.status()
            + (type.isEmpty() ? " without content type" : " with content type " + masked(type))
            + location(response.location())
            + pause(response.retryAfter())
            + ".");
    if (PeerJson.object(response.body())
        instanceof Outcome.Accepted<Map<String, Object>>(var members)) {
      for (String name : PUBLIC) {
        Object value = members.get(name);
        if (value instanceof String || value instanceof Number || value instanceof Boolean) {
          notes.add("Its " + name + " is: " + masked(value.toString()));
        }
      }
      if (members.get("error_description") instanceof String text
          && UNREGISTERED.matcher(text).matches()) {
        notes.add("The registration may be new: Entra ID takes some minutes until it knows one.");
      }
    }
    return notes;
  }

  /** The address of an endpoint of our own configuration, or of the upstream's discovery. */
  static String address(URI endpoint) {
    return endpoint.getScheme() + "://" + endpoint.getRawAuthority() + endpoint.getRawPath();
  }

  /** Without the query: an upstream may put anything there. */
  private static String location(@Nullable String location) {
    return location == null ? "" : " and Location " + masked(location.split("[?#]", 2)[0]);
  }

  private static String pause(@Nullable Duration retryAfter) {
    return retryAfter == null ? "" : " and Retry-After " + retryAfter.toSeconds() + " s";
  }

  private static String masked(String text) {
    return LONG_RUN
        .matcher(text)
        .replaceAll(
            run ->
                UUID.matcher(run.group()).matches() || isAddress(text, run.start())
                    ? run.group().replace("$", "\\$")
                    : "(" + run.group().length() + " characters)");
  }

  /** Whether the run follows the scheme of a URL, as in the address of a page about the error. */
  private static boolean isAddress(String text, int at) {
    return at > 0 && text.charAt(at - 1) == ':' && text.startsWith("//", at);
  }
}
