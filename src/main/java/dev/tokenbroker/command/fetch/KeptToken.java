package dev.tokenbroker.command.fetch;

import dev.tokenbroker.base.jose.NumericDate;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A token of the broker and its times. It is a secret: {@link #toString} shows the times alone.
 *
 * @param value printable characters of ASCII without white space
 * @param type the authentication scheme, such as {@code Bearer}
 * @param issuedType the token type of RFC 8693 section 3
 * @param scope the granted scopes with a space between them; may be empty
 * @param issued when it was requested, by the clock of this machine
 * @param renewal from when on the next token should be requested: from half of its life on, or
 *     earlier if it would not be fresh by then
 * @param expiry when it ends, by the clock of this machine
 */
public record KeptToken(
    String value,
    String type,
    String issuedType,
    String scope,
    Instant issued,
    Instant renewal,
    Instant expiry) {

  private static final int LEAST_SECONDS = 30;
  private static final Duration CLOCK_STEP = Duration.ofMinutes(1);
  private static final int MAX_LIFE = 366 * 24 * 60 * 60;
  private static final Pattern VALUE = Pattern.compile("[!-~]+");
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,31}");

  /** Whether it can be handed out: a fifth of its life remains, and at least 30 s. */
  public boolean isFresh(Instant now) {
    int life = (int) Duration.between(issued, expiry).toSeconds();
    return lives(now) && !now.isAfter(issued.plusSeconds(freshSeconds(life)));
  }

  private static int freshSeconds(int life) {
    return Math.max(0, life - Math.max(life / 5, LEAST_SECONDS));
  }

  /** Whether it is time to request the next one. */
  public boolean isDue(Instant now) {
    return !now.isBefore(renewal) || !lives(now);
  }

  /** Whether it is valid. After the clock was set back by over a minute, nobody can know. */
  public boolean lives(Instant now) {
    return now.isBefore(expiry) && !now.isBefore(issued.minus(CLOCK_STEP));
  }

  /** The same token, of which the next is requested at another time. */
  KeptToken renewedAt(Instant time) {
    return new KeptToken(value, type, issuedType, scope, issued, time, expiry);
  }

  /**
   * Reads the response of a token endpoint (RFC 8693 section 2.2.1); empty if it is none, or lacks
   * the lifetime.
   *
   * @param asked when it was requested
   */
  static Optional<KeptToken> of(Map<String, Object> members, Instant asked) {
    if (!(members.get("access_token") instanceof String value && VALUE.matcher(value).matches())
        || !(members.get("token_type") instanceof String type && SCHEME.matcher(type).matches())
        || !(members.get("expires_in") instanceof Integer life && life > 0 && life <= MAX_LIFE)) {
      return Optional.empty();
    }
    // The broker spreads the renewals of many callers over 50 to 80 % of the life.
    int refresh = members.get("refresh_in") instanceof Integer seconds ? seconds : 0;
    int renewal = Math.min(Math.max(refresh, life / 2), freshSeconds(life));
    return Optional.of(
        new KeptToken(
            value,
            type,
            members.get("issued_token_type") instanceof String issuedType ? issuedType : "",
            members.get("scope") instanceof String scope ? scope : "",
            asked,
            asked.plusSeconds(renewal),
            asked.plusSeconds(life)));
  }

  /** Reads what {@link #json} has written; empty if it is something else. */
  static Optional<KeptToken> parse(byte[] json) {
    return PeerJson.object(json) instanceof Accepted<Map<String, Object>>(Map<String, Object> read)
        ? time(read, "asked")
            .flatMap(asked -> of(read, asked))
            .flatMap(token -> time(read, "renewal").map(token::renewedAt))
        : Optional.empty();
  }

  private static Optional<Instant> time(Map<String, Object> read, String member) {
    return read.get(member) instanceof Number seconds
        ? NumericDate.read(seconds.longValue())
        : Optional.empty();
  }

  /** The form in which a cache keeps it: as the broker sent it, with the times. */
  byte[] json() {
    return JsonBytes.of(
        Map.of(
            "access_token", value,
            "token_type", type,
            "issued_token_type", issuedType,
            "scope", scope,
            "expires_in", Duration.between(issued, expiry).toSeconds(),
            "renewal", renewal.getEpochSecond(),
            "asked", issued.getEpochSecond()));
  }

  @Override
  public String toString() {
    return "KeptToken[renewal=" + renewal + ", expiry=" + expiry + "]";
  }
}
