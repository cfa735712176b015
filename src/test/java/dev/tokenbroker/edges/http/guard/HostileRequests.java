package dev.tokenbroker.edges.http.guard;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;

/** Requests over HTTP/1.1 that are oversized, malformed or cut; each drawn by chance. */
final class HostileRequests {

  private static final String POST = "POST /token HTTP/1.1\r\nHost: localhost\r\n";
  private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";

  private final RandomGenerator random;
  private final String form;

  /**
   * @param form one that is in order
   */
  HostileRequests(RandomGenerator random, String form) {
    this.random = random;
    this.form = form;
  }

  /**
   * A request.
   *
   * @param text what is sent, a byte for each character
   * @param cut whether the client goes away without waiting for an answer
   */
  record Hostile(String kind, String text, boolean cut) {

    static Hostile of(String kind, String text) {
      return new Hostile(kind, text, false);
    }

    @Override
    public String toString() {
      return kind;
    }
  }

  Hostile next() {
    return switch (random.nextInt(19)) {
      case 0 -> Hostile.of("large body", whole(form + "&x=" + "x".repeat(60_000)));
      case 1 -> Hostile.of("larger body", POST + FORM + "Content-Length: 400000\r\n\r\n");
      case 2 -> Hostile.of("endless body", POST + FORM + length(Long.MAX_VALUE) + "\r\n" + form);
      case 3 -> Hostile.of("large chunks", chunked("x".repeat(9_000), 7) + "0\r\n\r\n");
      case 4 -> Hostile.of("bad percent-encoding", whole(form + "&scope=%" + odd(2)));
      case 5 -> Hostile.of("bad UTF-8", whole(form + "&scope=%ff%c0%80"));
      case 6 ->
          new Hostile("any bytes as form", POST + FORM + length(512) + "\r\n" + noise(512), false);
      case 7 -> Hostile.of("many headers", POST + FORM + "X-A: b\r\n".repeat(8_000) + "\r\n");
      case 8 ->
          Hostile.of("a large header", POST + FORM + "X-A: " + "b".repeat(60_000) + "\r\n\r\n");
      case 9 ->
          Hostile.of(
              "a long request line", "POST /token?" + "q".repeat(9_000) + " HTTP/1.1\r\n\r\n");
      case 10 ->
          Hostile.of("a bad chunk", POST + FORM + "Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n");
      case 11 -> Hostile.of("two lengths", POST + FORM + length(1) + length(2) + "\r\nab");
      case 12 ->
          Hostile.of(
              "length and chunks",
              POST + FORM + length(5) + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
      case 13 ->
          Hostile.of(
              "a bad length",
              POST
                  + FORM
                  + "Content-Length: "
                  + pick("-1", "x", "1e9", "99999999999999999999")
                  + "\r\n\r\n");
      case 14 ->
          new Hostile(
              "a body that is cut",
              POST
                  + FORM
                  + length(form.length())
                  + "\r\n"
                  + form.substring(random.nextInt(form.length())),
              true);
      case 15 -> new Hostile("noise", noise(200) + "\r\n\r\n", false);
      case 16 -> Hostile.of("many parameters", whole("a=b&".repeat(8_000)));
      case 17 ->
          Hostile.of(
              "an unreadable header",
              POST
                  + FORM
                  + pick("Accept", "Accept-Language", "Content-Encoding", "DPoP")
                  + ": "
                  + pick("", "json", "a/b;q=x", "\"")
                  + "\r\n"
                  + length(0)
                  + "\r\n");
      default ->
          Hostile.of("an odd header", POST + FORM + "X-\u0000A" + odd(3) + ": \u0001\r\n\r\n");
    };
  }

  private String whole(String body) {
    return POST + FORM + length(body.length()) + "\r\n" + body;
  }

  private static String chunked(String chunk, int times) {
    String one = Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n";
    return POST + FORM + "Transfer-Encoding: chunked\r\n\r\n" + one.repeat(times);
  }

  private static String length(long length) {
    return "Content-Length: " + length + "\r\n";
  }

  private String odd(int characters) {
    StringBuilder odd = new StringBuilder();
    for (int at = 0; at < characters; at++) {
      odd.append((char) ('g' + random.nextInt(16)));
    }
    return odd.toString();
  }

  private String pick(String... values) {
    return List.of(values).get(random.nextInt(values.length));
  }

  private String noise(int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return new String(noise, StandardCharsets.ISO_8859_1);
  }
}
