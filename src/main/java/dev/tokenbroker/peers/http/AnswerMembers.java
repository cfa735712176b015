package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import dev.tokenbroker.base.jose.PooledJson;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a body says about an error: members of JSON, elements of XML and HTML, parameters of a
 * form, or plain text. It is read leniently, since nothing is decided by it, up to {@value
 * #MAX_BYTES} bytes and {@value #MAX_MEMBERS} members. Markup is searched and never parsed: no
 * document type is read, and no entity is expanded. Confined to one thread.
 */
final class AnswerMembers {

  static final int MAX_BYTES = 16 * 1024;
  static final int MAX_MEMBERS = 6;
  private static final int MAX_LEVELS = 6;
  private static final int MAX_NAME_CHARS = 64;

  /** What is shown at most has 256 characters; what is masked becomes shorter. */
  private static final int MAX_VALUE_CHARS = 512;

  /** Names of members for codes and messages, in the forms of many services. */
  private static final Pattern TELLING =
      Pattern.compile(
          "(?i).*(err|code|message|msg|desc|reason|detail|title|status|fault|cause|summary|trace|"
              + "correlation|request.?id|hint|help|exception|problem|warn|documentation).*"
              + "|text|type|(issued_)?token_type|expires_in|scope|instance|h1");

  /** Names of members for secrets, and of objects that may hold some. */
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i).*(token|secret|password|assertion|credential|cookie|jwt|session|state|key)s?"
              + "|.*(device|user|auth|authorization).?code");

  /** A comment, a tag with the text after it, or a parameter. Nothing is read twice. */
  private static final Pattern ELEMENT =
      Pattern.compile(
          "(?s)<!--.*?(?:-->|$)"
              + "|<(?:[\\w.-]++:)?+([A-Za-z_][\\w.-]*+)[^<>]*+>\\s*+(?:<!\\[CDATA\\[)?([^<\\]]*+)"
              + "|(?<![^&])([\\w.-]++)=([^&\\s<]++)");

  private static final JsonFactory FACTORY =
      PooledJson.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  private final SequencedMap<String, String> members = new LinkedHashMap<>();

  /** Whether the whole text is not to be shown. */
  private boolean mayHoldSecrets;

  private AnswerMembers() {}

  /**
   * What the body says, a sentence each; empty for an empty body.
   *
   * @param whole whether text without known members is shown: not where it may be a token
   */
  static List<String> of(byte[] body, boolean whole) {
    String text = decoded(body);
    AnswerMembers found = new AnswerMembers();
    if (text.startsWith("{") || text.startsWith("[")) {
      found.json(text);
    } else {
      ELEMENT.matcher(text).results().forEach(found::element);
    }
    if (found.members.isEmpty() && !text.isEmpty()) {
      boolean printed = whole && !found.mayHoldSecrets && text.chars().noneMatch(c -> c < '\t');
      return List.of(
          printed
              ? "Its text is: " + cut(text)
              : "Its body is " + body.length + " bytes without a known member.");
    }
    return List.copyOf(found.members.values());
  }

  private void json(String text) {
    try (JsonParser json = FACTORY.createParser(text)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        JsonStreamContext at = json.getParsingContext();
        String name = name(at);
        mayHoldSecrets |= isSecret(name) || at.getNestingDepth() > MAX_LEVELS;
        if (token.isStructStart() && (at.getNestingDepth() > MAX_LEVELS || isSecret(name))) {
          json.skipChildren();
        } else if (token.isScalarValue() && token != JsonToken.VALUE_NULL && isTelling(name)) {
          add(at.pathAsPointer().toString().substring(1).replace('/', '.'), json.getText());
        }
      }
    } catch (IOException broken) {
      mayHoldSecrets = true; // what came before is told
    }
  }

  /** The name of the member that holds this value, be it in arrays. */
  private static String name(@Nullable JsonStreamContext at) {
    if (at == null) {
      return "";
    }
    String name = at.getCurrentName();
    return name == null ? name(at.getParent()) : name;
  }

  private void element(MatchResult element) {
    for (int name : List.of(1, 3)) {
      mayHoldSecrets |= element.group(name) != null && isSecret(element.group(name));
    }
    if (element.group(1) != null && isTelling(element.group(1))) {
      add(element.group(1), element.group(2));
    } else if (element.group(3) != null && isTelling(element.group(3))) {
      add(element.group(3), SentSecrets.unescaped(element.group(4).replace('+', ' ')));
    }
  }

  private static boolean isSecret(String name) {
    return name.length() > MAX_NAME_CHARS || SECRET.matcher(name).matches();
  }

  private static boolean isTelling(String name) {
    return !isSecret(name) && TELLING.matcher(name).matches();
  }

  private void add(String path, String value) {
    if (!value.isBlank() && members.size() < MAX_MEMBERS) {
      members.putIfAbsent(path, "Its " + path + " is: " + cut(value.strip()));
    }
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), MAX_VALUE_CHARS));
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
