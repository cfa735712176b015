package dev.tokenbroker.evaluate.exchange.evaluation;

import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.target.Supply;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as an edge read it, before any check (RFC 8693 section 2.1).
 *
 * @param audience the requested target; empty if the caller left it out
 * @param kind the kind of target that the edge serves; any other one is unknown to its callers
 * @param subjectToken the credential; {@link #toString()} keeps it out of logs
 * @param subjectTokenType its type URN; empty for the default
 * @param scopes the requested scopes
 * @param lifetime the longest requested life; null if the caller left it out
 * @param actor whether an actor token or its type was sent
 * @param edge the edge that it came through: "grpc" or "http"; "command" if no broker serves
 * @param peer the caller's address, empty if unknown
 * @param keys what the caller sent to prove that it holds keys
 * @param client what the caller sent to say which client it is
 * @param misread what the edge could not read; the request is refused for it
 */
public record ExchangeRequest(
    String audience,
    Class<? extends Supply> kind,
    String subjectToken,
    String subjectTokenType,
    List<String> scopes,
    @Nullable Duration lifetime,
    boolean actor,
    String edge,
    String peer,
    PresentedKeys keys,
    PresentedClient client,
    List<FieldViolation> misread) {

  /** A request for a target of any kind. */
  public ExchangeRequest(
      String audience,
      String subjectToken,
      String subjectTokenType,
      List<String> scopes,
      @Nullable Duration lifetime,
      boolean actor,
      String edge,
      String peer,
      PresentedKeys keys,
      PresentedClient client,
      List<FieldViolation> misread) {
    this(
        audience,
        Supply.class,
        subjectToken,
        subjectTokenType,
        scopes,
        lifetime,
        actor,
        edge,
        peer,
        keys,
        client,
        misread);
  }

  /** Trims the credential: clients that read it from a file may send the line break at its end. */
  public ExchangeRequest {
    subjectToken = trimmed(subjectToken);
  }

  /** The same request by a caller that says nothing of its client. */
  public ExchangeRequest ofNobody() {
    if (client.equals(PresentedClient.NONE)) {
      return this;
    }
    return new ExchangeRequest(
        audience,
        kind,
        subjectToken,
        subjectTokenType,
        scopes,
        lifetime,
        actor,
        edge,
        peer,
        keys,
        PresentedClient.NONE,
        misread);
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
    return "ExchangeRequest[audience=" + audience + ", scopes=" + scopes + ", edge=" + edge + "]";
  }
}
