package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbroker.base.json.PooledJson;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a body says about an error: known members of JSON, or plain text. It is read
 * leniently, since nothing is decided by it, up to {@value #MAX_BYTES} bytes and {@value
 * #MAX_MEMBERS} members. Objects and arrays under an unknown name are skipped: they may hold
 * secrets.
 */
final class AnswerMembers {

  static final int MAX_BYTES = 16 * 1024;
  static final int MAX_MEMBERS = 6;

  /** Names of members for codes and messages, in lower case and without underscores. */
  private static final Set<String> TELLING =
      Set.of(
          """
          error errors errorcode errorcodes errordescription errormessage errorsummary errorcauses
          errortype errorid erroruri suberror innererror extensions code message messages msg usermsg
          title status statuscode description reason detail details summary hint
          fault faultcode faultstring cause causes exception warnings resultcode
          instance type text traceid requestid correlationid documentationurl
          scope tokentype issuedtokentype expiresin\
          """
              .split("\\s+", -1));

  private static final JsonFactory FACTORY =
      PooledJson.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  private AnswerMembers() {}

  /**
   * What the body says, a sentence each; empty for an empty body.
   *
   * @param whole whether plain text is shown: not where it may be a token
   */
  static List<String> of(byte[] body, boolean whole) {
    String text = decoded(body);
    Map<String, String> members = json(text);
    if (text.isEmpty() || !members.isEmpty()) {
      return List.copyOf(members.values());
    }
    return List.of(
        whole && isPlain(text)
            ? "Its text is: " + text
            : "Its body is " + body.length + " bytes without a known member.");
  }

  /** Whether it is neither JSON, markup, a form nor binary data, all of which may hold secrets. */
  private static boolean isPlain(String text) {
    return "{[<".indexOf(text.charAt(0)) < 0
        && !text.matches("[^\\s=]*+=\\S*+")
        && text.chars().noneMatch(c -> c < '\t');
  }

  /** A sentence for each known member, by its path. */
  private static Map<String, String> json(String text) {
    Map<String, String> members = new LinkedHashMap<>();
    try (JsonParser json = FACTORY.createParser(text)) {
      JsonToken token = json.nextToken();
      for (; token != null && members.size() < MAX_MEMBERS; token = json.nextToken()) {
        JsonStreamContext at = json.getParsingContext();
        String name = name(at);
        boolean tells = TELLING.contains(name.replace("_", "").toLowerCase(Locale.ROOT));
        if (token.isStructStart() && !tells && !name.isEmpty()) {
          json.skipChildren();
        } else if (tells
            && token.isScalarValue()
            && token != JsonToken.VALUE_NULL
            && !json.getText().isBlank()) {
          String path = at.pathAsPointer().toString().substring(1).replace('/', '.');
          members.putIfAbsent(path, "Its " + path + " is: " + json.getText().strip());
        }
      }
    } catch (IOException broken) {
      return members; // what came before is told
    }
    return members;
  }

  /** The name of the member that holds this value, be it in arrays. */
  private static String name(@Nullable JsonStreamContext at) {
    if (at == null) {
      return "";
    }
    String name = at.getCurrentName();
    return name == null ? name(at.getParent()) : name;
  }

  /** By the bytes: a wrong charset in the content type is common. */
  private static String decoded(byte[] body) {
    int length = Math.min(body.length, MAX_BYTES);
    int first = length < 2 ? ' ' : body[0];
    Charset charset =
        first == 0 || first == (byte) 0xFE
            ? UTF_16BE
            : first == (byte) 0xFF || (length > 1 && body[1] == 0) ? UTF_16LE : UTF_8;
    String text = new String(body, 0, length, charset);
    return (text.contains("\uFFFD") ? new String(body, 0, length, ISO_8859_1) : text)
        .replace("\uFEFF", "")
        .strip();
  }
}
