package dev.tokenbroker.judge.credential;

import java.util.ArrayList;
import java.util.List;

/** Detects common copy mistakes in a token from its text, without decoding it. */
final class CopySlips {

  private CopySlips() {}

  /** Returns one sentence for each mistake. The sentences contain no part of the credential. */
  static List<String> in(String compact) {
    List<String> slips = new ArrayList<>();
    if (compact.regionMatches(true, 0, "Bearer ", 0, 7)) {
      slips.add("It begins with \"Bearer \": send the token without the scheme.");
    } else if (compact.chars().anyMatch(Character::isWhitespace)) {
      slips.add("It holds white space or a line break, often from a file or from wrapped output.");
    }
    if (compact.startsWith("{")) {
      slips.add("It is JSON: send the token alone, not the answer that it came in.");
    } else if (compact.startsWith("\"") || compact.startsWith("'")) {
      slips.add("It is quoted: send it without the quotes.");
    }
    if (compact.endsWith(".")) {
      slips.add("It has no signature: unsigned JWTs (alg none) are never accepted.");
    }
    if (compact.indexOf('=') >= 0 || compact.indexOf('+') >= 0 || compact.indexOf('/') >= 0) {
      slips.add("It is in plain base64 or padded: JWTs are in base64url without padding.");
    }
    return slips;
  }
}
