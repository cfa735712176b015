package dev.tokenbroker.judge.credential;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/** Changes the spelling of a credential, what it says, and who seems to have signed it. */
public final class CredentialMutator {

  private static final List<String> ODD_TEXTS =
      List.of(
          ".", "..", "=", "==", " ", "\n", "\r\n", "\t", "+", "/", "\0", "\u00e9", "\u200B",
          "\uD83D", "\uFEFF", "%2E", "{", "Bearer ", "\"");

  private static final List<String> HEADERS =
      List.of(
          "{\"alg\":\"none\"}",
          "{\"alg\":\"NONE\",\"kid\":\"k-1\"}",
          "{\"alg\":\"PS512\"}",
          "{\"alg\":\"ES256\"}",
          "{\"alg\":\"ES512\",\"kid\":\"k-1\"}",
          "{\"alg\":\"EdDSA\"}",
          "{\"alg\":\"RS256\",\"kid\":\"k-1\"}",
          "{\"alg\":\"ES256\",\"kid\":\"k-1\",\"b64\":false,\"crit\":[\"b64\"]}",
          "{\"alg\":\"None\",\"kid\":\"k-1\"}",
          "{\"alg\":\"HS256\",\"kid\":\"k-1\"}",
          "{\"alg\":\"RS512\",\"kid\":\"k-1\"}",
          "{\"alg\":\"PS256\",\"kid\":\"k-1\"}",
          "{\"alg\":\"ES256\",\"kid\":\"k-1\"}",
          "{\"alg\":\"rs256\",\"kid\":\"k-1\"}",
          "{\"alg\":\"RS256\"}",
          "{\"alg\":\"RS256\",\"kid\":\"k-2\"}",
          "{\"alg\":\"RS256\",\"kid\":\"k-9\"}",
          "{\"alg\":\"ES256\",\"kid\":\"k-9\"}",
          "{\"alg\":\"RS256\",\"kid\":\"k-1\",\"kid\":\"k-1\"}",
          "{\"alg\":\"RS256\",\"kid\":\"k-1\",\"typ\":\"logout+jwt\"}",
          "{\"alg\":\"RS256\",\"kid\":\"k-1\",\"jku\":\"https://evil.example/keys\"}",
          "{\"alg\":\"RS256\",\"kid\":\"k-1\",\"crit\":[\"b64\"],\"b64\":false}",
          "{\"kid\":\"k-1\",\"typ\":\"JWT\",\"alg\":\"RS256\"}");

  private static final List<String> MEMBERS =
      List.of(
          "\"sub\":\"admin\",",
          "\"exp\":4102444800,",
          "\"exp\":1e400,",
          "\"iss\":\"https://issuer.example/\",",
          "\"iss\":\"https://ISSUER.example\",",
          "\"aud\":[],",
          "\"aud\":{},",
          "\"repository\":\"acme/closed\",",
          "\"alg\":\"none\",",
          "\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
          "\"\\ud800\":1,",
          "\"n\":null,");

  private static final List<String> ODD_JSON =
      List.of(
          "null",
          "{}",
          "[]",
          "\"\"",
          "0",
          "-1",
          "1e999",
          "9223372036854775808",
          "true",
          "{\"",
          "\\u0000",
          "\\ud800",
          "\"crit\":[\"x\"],",
          "[[[[[[[[[[[[[[[[[[[[",
          ",",
          ":",
          "//",
          "'");

  /** Claims to overwrite: all as long as what they replace, or not. */
  private static final List<List<String>> EDITS =
      List.of(
          List.of("\"iss\"", "\"Iss\""),
          List.of("https://issuer.example", "https://issuer.example:443"),
          List.of("https://issuer.example", "https://nobody.example"),
          List.of("https://broker.example", "https://other.example"),
          List.of("acme/docs", "acme/payments"),
          List.of("acme/payments", "acme/closed"),
          List.of("\"exp\":17", "\"exp\":16"),
          List.of("\"exp\":17", "\"exp\":99"),
          List.of("\"nbf\":17", "\"nbf\":19"),
          List.of("\"sub\"", "\"sud\""),
          List.of("run_number\":10", "run_number\":99999999999999999999"));

  private final RandomGenerator random;
  private final TextMutator spelling;
  private final List<String> others;

  /**
   * @param others credentials of which parts may be taken
   */
  public CredentialMutator(RandomGenerator random, List<String> others) {
    this.random = random;
    this.spelling = new TextMutator(random);
    this.others = others;
  }

  /** Another text, made from that credential; by chance it may be the same again. */
  public String mutate(String compact) {
    String mutant = compact;
    for (int rounds = 1 + random.nextInt(5) / 3; rounds > 0; rounds--) {
      mutant =
          switch (random.nextInt(13)) {
            case 0, 1 -> spelling.replaceChar(mutant);
            case 2 -> insert(mutant, pick(ODD_TEXTS));
            case 3 -> cut(mutant);
            case 4 -> spelling.repeat(mutant);
            case 5 -> splice(mutant, pick(others));
            case 6 -> swapParts(mutant);
            case 7 -> withPart(mutant, 0, TestCredential.encode(pick(HEADERS)));
            case 8 -> editClaims(mutant);
            case 9 -> rewriteBytes(mutant);
            case 10 -> flipSignatureBit(mutant);
            case 11 -> otherAlphabet(mutant);
            default -> lastChar(mutant);
          };
    }
    return mutant;
  }

  private String insert(String text, String piece) {
    int at =
        switch (random.nextInt(3)) {
          case 0 -> 0;
          case 1 -> text.length();
          default -> random.nextInt(text.length() + 1);
        };
    return text.substring(0, at) + piece + text.substring(at);
  }

  private String cut(String text) {
    int from = random.nextInt(text.length() + 1);
    int to = from + random.nextInt(text.length() - from + 1);
    return random.nextBoolean()
        ? text.substring(from, to)
        : text.substring(0, from) + text.substring(to);
  }

  /**
   * Parts of two credentials: mostly the header or the claims of one and the signature of other.
   */
  private String splice(String one, String other) {
    String[] parts = one.split("\\.", -1);
    String[] theirs = other.split("\\.", -1);
    int at = random.nextInt(Math.min(parts.length, theirs.length));
    parts[at] = theirs[at];
    return String.join(".", parts);
  }

  private String swapParts(String text) {
    String[] parts = text.split("\\.", -1);
    Collections.swap(
        Arrays.asList(parts), random.nextInt(parts.length), random.nextInt(parts.length));
    return String.join(".", parts);
  }

  /** The claims said anew and encoded as they should be, under the signature of the old ones. */
  private String editClaims(String text) {
    String json = decoded(text, 1);
    if (random.nextBoolean()) {
      List<String> edit = pick(EDITS);
      return withPart(
          text, 1, TestCredential.encode(json.replace(edit.getFirst(), edit.getLast())));
    }
    String more = json.startsWith("{") ? "{" + pick(MEMBERS) + json.substring(1) : json;
    return withPart(text, 1, TestCredential.encode(more));
  }

  /** Changes the JSON of header or claims, so that it is good base64url of a changed document. */
  private String rewriteBytes(String text) {
    int part = random.nextInt(2);
    byte[] bytes = decoded(text, part).getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length == 0) {
      return text;
    }
    int index = random.nextInt(bytes.length);
    switch (random.nextInt(4)) {
      case 0 -> bytes[index] = (byte) random.nextInt(256);
      case 1 -> bytes[index] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes = Arrays.copyOf(bytes, index);
      default -> {
        String json = new String(bytes, StandardCharsets.ISO_8859_1);
        bytes = insert(json, pick(ODD_JSON)).getBytes(StandardCharsets.UTF_8);
      }
    }
    return withPart(text, part, TestCredential.encode(bytes));
  }

  private String flipSignatureBit(String text) {
    byte[] signature = decoded(text, 2).getBytes(StandardCharsets.ISO_8859_1);
    if (signature.length == 0) {
      return text;
    }
    signature[random.nextInt(signature.length)] ^= (byte) (1 << random.nextInt(8));
    return withPart(text, 2, TestCredential.encode(signature));
  }

  /** The same bytes, spelt as plain base64, padded or broken into lines. */
  private String otherAlphabet(String text) {
    return switch (random.nextInt(3)) {
      case 0 -> text.replace('-', '+').replace('_', '/');
      case 1 -> text.replace(".", "=.") + "=";
      default -> text.replaceAll("(.{64})", "$1\n");
    };
  }

  /** Unused bits of the last character: the same bytes to a lenient decoder. */
  private String lastChar(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int at = TextMutator.TOKEN_CHARS.indexOf(text.charAt(text.length() - 1));
    return text.substring(0, text.length() - 1)
        + TextMutator.TOKEN_CHARS.charAt(
            (at + 1 + random.nextInt(15)) % TextMutator.TOKEN_CHARS.length());
  }

  private static String withPart(String text, int at, String part) {
    String[] parts = text.split("\\.", -1);
    if (at >= parts.length) {
      return text;
    }
    parts[at] = part;
    return String.join(".", parts);
  }

  /** The bytes of a part, one a character; empty where it has none. */
  private static String decoded(String text, int at) {
    String[] parts = text.split("\\.", -1);
    try {
      return at < parts.length
          ? new String(Base64.getUrlDecoder().decode(parts[at]), StandardCharsets.ISO_8859_1)
          : "";
    } catch (IllegalArgumentException notBase64) {
      return "";
    }
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
