package dev.tokenbroker.peers.http;

import io.vertx.core.MultiMap;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the answer of a peer says about itself, for operators only: address, status and headers, and
 * the codes and messages of {@link AnswerMembers}. Nothing is read before it is asked for. Markup
 * is never shown: a web page is told by its status and content type.
 *
 * <p>A peer may repeat a part of the request. So secrets that were sent are masked by value ({@link
 * SentSecrets}), and so is every long run of characters that is neither a word nor a UUID.
 *
 * @param request the body of the request; empty for none
 * @param sent the headers of the request
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once and never compared
public record AnswerText(
    URI uri,
    int status,
    MultiMap headers,
    byte[] body,
    byte[] request,
    Iterable<Map.Entry<String, String>> sent) {

  /** For the doctor: verdicts show 256 characters. */
  private static final int MAX_NOTE_CHARS = 512;

  /** Headers in which services report an error. */
  private static final List<String> TELLING_HEADERS =
      List.of("WWW-Authenticate", "grpc-status", "grpc-message", "x-amzn-ErrorType");

  /**
   * The host and the short parts of a URL, a UUID, joined words, or in the group a longer run:
   * keys, secrets and opaque tokens have at least its length.
   */
  private static final Pattern LONG_RUN =
      Pattern.compile(
          ("://[A-Za-z0-9.-]*+(?:/(?:U|S{0,31}+)(?!S))*+|U\\.?(?!R)"
                  + "|W(?:[._/+-]++W)*+[._/+-]*+(?!R)|(R{32,}+)")
              .replace("U", "\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12}")
              .replace("W", "(?:[A-Z]?[a-z]{1,20}+|[A-Z]{1,20}+)")
              .replace("S", "[A-Za-z0-9._~+%=:-]")
              .replace("R", "[A-Za-z0-9._~+%/=-]"));

  /** What the words of peers suggest; the first that fits counts. */
  private static final List<Advice> ADVICE =
      List.of(
          advice(
              "with content type (text/html|application/xhtml)",
              "Remedy by the type: exempt the address from the login page, proxy or firewall."),
          advice(
              "AADSTS70021\\d{0,2}:",
              "The registration may be new: Entra ID takes some minutes until it knows one."),
          advice(
              "(?i)(secret|password|key)s?\\b.{0,60}\\b(expired|ended)",
              "Remedy by these words: renew the broker's secret at the peer, and its file."),
          advice(
              "(?i)expired.?token|(token|assertion|jwt)s?\\b.{0,60}\\b(expired|not yet valid)",
              "Remedy by these words: compare the peer's clock with the times of what was sent."),
          advice(
              "(?i)(access|permission).?denied|\\b(forbidden|roles?|not authorized)\\b",
              "Remedy by these words: give the broker or the identity the role at the peer."));

  private record Advice(Pattern words, String remedy) {}

  private static Advice advice(String words, String remedy) {
    return new Advice(Pattern.compile(words), remedy);
  }

  /** The address without its query. */
  public static String address(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
  }

  /**
   * Sentences about an answer, at most ten; none without one.
   *
   * @param peer what has answered, such as "The token endpoint"
   */
  public static List<String> notes(String peer, @Nullable AnswerText answer) {
    return notes(peer, answer, List.of());
  }

  /**
   * The same with what its body says, for a body that is neither JSON nor plain text.
   *
   * @param said a sentence each, in which secrets are not masked yet; empty to read the body
   */
  public static List<String> notes(String peer, @Nullable AnswerText answer, List<String> said) {
    return answer == null ? List.of() : answer.notes(peer, said);
  }

  private List<String> notes(String peer, List<String> said) {
    SentSecrets secrets = new SentSecrets(request, sent);
    List<String> notes = new ArrayList<>();
    notes.add(head());
    TELLING_HEADERS.stream()
        .filter(headers::contains)
        .limit(2)
        .forEach(name -> notes.add("Its " + name + " is: " + headers.get(name)));
    notes.addAll(said.isEmpty() ? AnswerMembers.of(body, status >= 400) : said);
    notes.replaceAll(text -> cut(masked(secrets.masked(text))));
    ADVICE.stream()
        .filter(advice -> advice.words.asPredicate().test(notes.toString()))
        .findFirst()
        .ifPresent(advice -> notes.add(advice.remedy));
    notes.set(0, "%s %s answered status %d ".formatted(peer, address(uri), status) + notes.get(0));
    return notes;
  }

  private String head() {
    String type = headers.get("Content-Type");
    String location = headers.get("Location");
    String pause = headers.get("Retry-After");
    return (type == null ? "without content type" : "with content type " + type)
        + (headers.contains("Content-Encoding") ? ", " + headers.get("Content-Encoding") : "")
        // Without the query: a peer may put anything there.
        + (location == null ? "" : " and Location " + location.split("[?#]", 2)[0])
        + (pause == null ? "" : " and Retry-After " + pause + (pause.matches("\\d+") ? " s" : ""))
        + ".";
  }

  private static String masked(String text) {
    return LONG_RUN
        .matcher(text)
        .replaceAll(
            run -> run.group(1) == null ? "$0" : "(" + run.group(1).length() + " characters)");
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), MAX_NOTE_CHARS));
  }

  @Override
  public String toString() {
    return "AnswerText[" + status + "]";
  }
}
