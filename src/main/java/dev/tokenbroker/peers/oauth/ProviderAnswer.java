package dev.tokenbroker.peers.oauth;

import dev.tokenbroker.base.json.JsonKind;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.http.AnswerText;
import dev.tokenbroker.peers.http.Answered;
import dev.tokenbroker.peers.http.BearerToken;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One response of a provider to a token request (RFC 6749 section 5), read strictly. Callers see
 * nothing of the response, apart from its status and an {@code error} of plain form.
 *
 * @param members the members of the JSON body; empty if it is none
 */
record ProviderAnswer(AnswerText words, Map<String, Object> members) implements Answered {

  /** RFC 6749 section 5.2, without what could be a piece of a token. */
  private static final Pattern ERROR = Pattern.compile("[a-z_]{1,40}");

  private static final Pattern SECONDS = Pattern.compile("\\d{1,5}");
  private static final String JSON = "application/json";

  static ProviderAnswer of(AnswerText words) {
    return new ProviderAnswer(
        words,
        PeerJson.object(words.body()) instanceof Outcome.Accepted<Map<String, Object>>(var members)
            ? members
            : Map.of());
  }

  /** Why the response has no token that can be used; null if it has one. */
  @Nullable NoOwnToken trouble() {
    String fault = status() == 200 ? fault() : "status " + status() + error();
    String pause = words.headers().get("Retry-After");
    return fault.isEmpty()
        ? null
        : new NoOwnToken(
            Refusal.of(reason())
                .expected("a token response (RFC 6749 section 5.1)")
                .seen(fault)
                .noted(AnswerText.notes("The provider", words)),
            pause != null && SECONDS.matcher(pause).matches()
                ? Duration.ofSeconds(Long.parseLong(pause))
                : null);
  }

  /** A provider in trouble may serve the same request later; one that refuses it will not. */
  private RefusalReason reason() {
    if (status() == 429 || status() == 408 || status() >= 500) {
      return RefusalReason.OWN_TOKEN_UNREACHABLE;
    }
    return status() >= 400 && !isPage()
        ? RefusalReason.OWN_TOKEN_REFUSED
        : RefusalReason.OWN_TOKEN_MALFORMED;
  }

  private String error() {
    if (isPage()) {
      return ", a web page";
    }
    return members.get("error") instanceof String error && ERROR.matcher(error).matches()
        ? ", error " + error
        : ", without a plain error";
  }

  /** The problem with a response of status 200; empty if there is none. */
  private String fault() {
    if (!mediaType().equals(JSON)) {
      return "another content type than " + JSON;
    }
    if (members.isEmpty()) {
      return "no JSON object with members";
    }
    if (!(members.get("access_token") instanceof String token)
        || !BearerToken.isWellFormed(token)) {
      return "an access_token that is no Bearer token, but "
          + JsonKind.of(members.get("access_token"));
    }
    if (!(members.get("token_type") instanceof String type) || !type.equalsIgnoreCase("bearer")) {
      return "another token_type than Bearer";
    }
    return switch (members.get("expires_in")) {
      case null -> "no expires_in";
      case Integer seconds when seconds > 0 -> "";
      case Integer _ -> "an expires_in in the past";
      case Object other -> "an expires_in that is no whole number, but " + JsonKind.of(other);
    };
  }

  @Override
  public String toString() {
    return "ProviderAnswer[status=" + status() + "]";
  }
}
