package dev.tokenbroker.peers.http;

import io.vertx.core.MultiMap;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Answers of peers, without a network. */
public final class TestAnswers {

  private static final URI PEER = URI.create("https://peer.example/token");

  private TestAnswers() {}

  /** What operators read of an answer to a request without secrets. */
  public static AnswerText text(int status, Map<String, String> headers, byte[] body) {
    return text(status, headers, body, "");
  }

  static AnswerText text(int status, Map<String, String> headers, byte[] body, String form) {
    return new AnswerText(
        PEER,
        status,
        MultiMap.caseInsensitiveMultiMap().addAll(headers),
        body,
        form.getBytes(StandardCharsets.UTF_8),
        List.of());
  }

  /** The answer to a form without secrets. */
  public static CallEnd.Response posted(int status, String type, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    AnswerTimes times =
        new AnswerTimes(null, null, Duration.ZERO, null, Duration.ZERO, Duration.ZERO);
    return new CallEnd.Response(times, text(status, Map.of("Content-Type", type), bytes));
  }
}
