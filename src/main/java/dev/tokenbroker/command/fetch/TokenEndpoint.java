package dev.tokenbroker.command.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.command.fetch.HttpCall.Answer;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Requests tokens from the HTTP edge of a broker by token exchange (RFC 8693). */
final class TokenEndpoint {

  private static final int OK = 200;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int BAD_GATEWAY = 502;
  private static final int GATEWAY_TIMEOUT = 504;

  private final FetchRequest request;
  private final InstantSource clock;

  TokenEndpoint(FetchRequest request, InstantSource clock) {
    this.request = request;
    this.clock = clock;
  }

  /** Exchanges the credential, in one attempt. */
  KeptToken exchange(Credential credential, Deadline deadline) throws NoToken {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
    form.put("subject_token", credential.value());
    form.put("subject_token_type", "urn:ietf:params:oauth:token-type:jwt");
    form.put("audience", request.audience());
    if (!request.scopes().isEmpty()) {
      form.put("scope", String.join(" ", request.scopes()));
    }
    Instant asked = clock.instant();
    Answer answer =
        new HttpCall("the broker at " + request.tokenEndpoint(), request.authorities())
            .send(
                HttpRequest.newBuilder(request.tokenEndpoint())
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(BodyPublishers.ofString(encoded(form))),
                deadline);
    if (answer.status() == OK) {
      return KeptToken.of(answer.members(), asked)
          .orElseThrow(() -> noBroker("it answers without a token that has a lifetime"));
    }
    throw refused(answer, credential);
  }

  private static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
        .collect(Collectors.joining("&"));
  }

  private NoToken refused(Answer answer, Credential credential) {
    // The text begins with the reason, names the remedy and ends with the verdict's id.
    String text = answer.text("error_description").replace(credential.value(), "(the credential)");
    if (answer.text("error").isEmpty() || text.isBlank()) {
      return isPassing(answer.status())
          ? new NoToken(
              NoToken.Kind.AWAY,
              "the broker does not work now: status " + answer.status(),
              answer.retryAfter())
          : noBroker("it answers with status " + answer.status());
    }
    return answer.retryAfter() != null || isPassing(answer.status())
        ? new NoToken(NoToken.Kind.AWAY, text, answer.retryAfter())
        : new NoToken(NoToken.Kind.REFUSED, text);
  }

  private static boolean isPassing(int status) {
    return status == TOO_MANY_REQUESTS || (status >= BAD_GATEWAY && status <= GATEWAY_TIMEOUT);
  }

  private NoToken noBroker(String why) {
    return new NoToken(
        NoToken.Kind.NO_BROKER,
        "what answers at " + request.tokenEndpoint() + " is no token broker: " + why);
  }
}
