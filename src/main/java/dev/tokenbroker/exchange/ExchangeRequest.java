package dev.tokenbroker.exchange;

import dev.tokenbroker.outcome.FieldViolation;
import dev.tokenbroker.possession.PresentedKeys;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as an edge read it, before anything about it is believed (RFC 8693 section 2.1).
 *
 * @param audience the target asked for; empty where the caller left it out
 * @param subjectToken the credential; never logged, which {@link #toString()} sees to
 * @param subjectTokenType its type URN; empty for the default
 * @param scopes the scopes asked for
 * @param lifetime the longest life asked for; null where the caller left it out
 * @param actor whether an actor token or its type was sent
 * @param door the edge that it came through: "grpc" or "http"; "command" where no broker serves
 * @param peer the caller's address, empty where unknown
 * @param keys what the caller brings to show that it holds keys
 * @param misread what the edge found wrong in reading it; it is refused for that
 */
public record ExchangeRequest(
    String audience,
    String subjectToken,
    String subjectTokenType,
    List<String> scopes,
    @Nullable Duration lifetime,
    boolean actor,
    String door,
    String peer,
    PresentedKeys keys,
    List<FieldViolation> misread) {

  /** Trims the credential: clients that read it from a file may send the line break at its end. */
  public ExchangeRequest {
    subjectToken = trimmed(subjectToken);
  }

  /** Without ASCII white space at its ends. */
  private static String trimmed(String text) {
    int begin = 0;
    int end = text.length();
    while (begin < end && isWhite(text.charAt(begin))) {
      begin++;
    }
    while (begin < end && isWhite(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(begin, end);
  }

  private static boolean isWhite(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
  }

  @Override
  public String toString() {
    return "ExchangeRequest[audience=" + audience + ", scopes=" + scopes + ", door=" + door + "]";
  }
}
