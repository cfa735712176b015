package dev.tokenbroker.judge.credential;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;

/** Changes credentials as accidents and attackers do: in their spelling, and in what they say. */
final class CredentialMutator {

  private static final List<String> ODD_TEXTS =
      List.of(
          ".", "..", "=", "==", " ", "\n", "\t", "+", "/", "\0", "\u00e9", "\uD83D", "%2E", "{");

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
          "\"alg\":\"none\",",
          "\"crit\":[\"x\"],",
          "\"sub\":\"admin\",",
          "[[[[[[[[[[[[[[[[[[[[",
          ",",
          ":",
          "\uFEFF",
          "//",
          "'");

  private static final List<String> HEADERS =
      List.of(
          "{\"alg\":\"none\"}",
          "{\"alg\":\"NONE\",\"kid\":\"k-1\"}",
          "{\"alg\":\"HS256\",\"kid\":\"k-1\"}",
          "{\"alg\":\"RS256\",\"kid\":\"k-1\"}",
          "{\"alg\":\"PS512\"}",
          "{\"alg\":\"ES256\"}",
          "{\"alg\":\"ES512\",\"kid\":\"k-1\"}",
          "{\"alg\":\"EdDSA\"}",
          "{\"alg\":\"ES256\",\"kid\":\"k-1\",\"b64\":false,\"crit\":[\"b64\"]}");

  private final RandomGenerator random;
  private final TextMutator spelling;

  CredentialMutator(RandomGenerator random) {
    this.random = random;
    this.spelling = new TextMutator(random);
  }

  /** Another text, made from that credential; by chance it may be the same again. */
  String mutate(String compact) {
    String mutant = compact;
    for (int rounds = 1 + random.nextInt(3); rounds > 0; rounds--) {
      mutant =
          switch (random.nextInt(10)) {
            case 0, 1 -> spelling.replaceChar(mutant);
            case 2 -> insert(mutant, pick(ODD_TEXTS));
            case 3 -> cut(mutant);
            case 4 -> spelling.repeat(mutant);
            case 5 -> swapParts(mutant);
            case 6, 7 -> rewritePart(mutant);
            case 8 -> withHeader(mutant, pick(HEADERS));
            default -> flipSignatureBit(mutant);
          };
    }
    return mutant;
  }

  private String insert(String text, String piece) {
    int at = random.nextInt(text.length() + 1);
    return text.substring(0, at) + piece + text.substring(at);
  }

  private String cut(String text) {
    int from = random.nextInt(text.length() + 1);
    int to = from + random.nextInt(text.length() - from + 1);
    return random.nextBoolean()
        ? text.substring(from, to)
        : text.substring(0, from) + text.substring(to);
  }

  private String swapParts(String text) {
    String[] parts = text.split("\\.", -1);
    int one = random.nextInt(parts.length);
    int other = random.nextInt(parts.length);
    String part = parts[one];
    parts[one] = parts[other];
    parts[other] = part;
    return String.join(".", parts);
  }

  /** Changes the JSON of header or payload, so that it is good base64url of a changed document. */
  private String rewritePart(String text) {
    String[] parts = text.split("\\.", -1);
    int at = random.nextInt(Math.min(2, parts.length));
    byte[] bytes = decode(parts[at]);
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
    parts[at] = TestCredential.encode(bytes);
    return String.join(".", parts);
  }

  private String withHeader(String text, String header) {
    int dot = text.indexOf('.');
    return dot < 0 ? text : TestCredential.encode(header) + text.substring(dot);
  }

  private String flipSignatureBit(String text) {
    int dot = text.lastIndexOf('.');
    byte[] signature = dot < 0 ? new byte[0] : decode(text.substring(dot + 1));
    if (signature.length == 0) {
      return text;
    }
    signature[random.nextInt(signature.length)] ^= (byte) (1 << random.nextInt(8));
    return text.substring(0, dot + 1) + TestCredential.encode(signature);
  }

  private static byte[] decode(String part) {
    try {
      return Base64.getUrlDecoder().decode(part);
    } catch (IllegalArgumentException notBase64) {
      return new byte[0];
    }
  }

  private String pick(List<String> texts) {
    return texts.get(random.nextInt(texts.size()));
  }
}
