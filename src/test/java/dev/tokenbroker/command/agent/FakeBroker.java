package dev.tokenbroker.command.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.command.fetch.KeptToken;
import dev.tokenbroker.command.fetch.NoToken;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives tokens that end by the true time, or fails as it is told to. For one thread. */
final class FakeBroker implements KeptFile.TokenSource {

  private static final Duration LATEST = Duration.ofSeconds(30);

  private final TwoClocks clocks;
  private final List<Duration> attempts = new ArrayList<>();
  private Duration life = Duration.ofSeconds(40);
  private @Nullable NoToken fault;

  FakeBroker(TwoClocks clocks) {
    this.clocks = clocks;
  }

  /** Gives tokens of another life than 40 s. */
  void lives(Duration each) {
    life = each;
  }

  /** Fails from now on; null to work again. */
  void fails(@Nullable NoToken why) {
    fault = why;
  }

  static NoToken away() {
    return new NoToken(NoToken.Kind.AWAY, "the broker cannot be reached");
  }

  /** When it was called. */
  List<Duration> attempts() {
    return attempts;
  }

  @Override
  public KeptToken exchange(Deadline deadline) throws NoToken {
    attempts.add(clocks.passed());
    if (fault != null) {
      throw fault;
    }
    Instant now = clocks.instant();
    // A fetch hands out no token with less than 30 s, so it renews short ones before their half.
    Duration early = life.compareTo(LATEST) > 0 ? life.minus(LATEST) : Duration.ZERO;
    Duration half = life.dividedBy(2);
    return new KeptToken(
        jwt(clocks.truth().plus(life)),
        "Bearer",
        "urn:ietf:params:oauth:token-type:jwt",
        "read",
        now,
        now.plus(early.compareTo(half) < 0 ? early : half),
        now.plus(life));
  }

  private String jwt(Instant end) {
    byte[] claims = JsonBytes.of(Map.of("exp", end.getEpochSecond(), "jti", "" + attempts.size()));
    return "eyJhbGciOiJub25lIn0."
        + Base64.getUrlEncoder().withoutPadding().encodeToString(claims)
        + ".sig";
  }

  /** The end that the token itself states; fails unless the text is one whole token. */
  static Instant end(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length == 3
        && parts[2].equals("sig")
        && PeerJson.object(Base64.getUrlDecoder().decode(parts[1].getBytes(UTF_8)))
            instanceof Accepted<Map<String, Object>>(Map<String, Object> claims)
        && claims.get("exp") instanceof Number end) {
      return Instant.ofEpochSecond(end.longValue());
    }
    throw new AssertionError("no whole token: " + token);
  }
}
