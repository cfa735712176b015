package dev.tokenbroker.command.fetch;

import dev.tokenbroker.base.jose.JsonBytes;
import dev.tokenbroker.base.jose.PeerJson;
import dev.tokenbroker.base.outcome.Outcome.Accepted;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
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
 * @param renewal from when on the next token should be requested, at the earliest half of its life
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

  private static final Duration LEAST = Duration.ofSeconds(30);
  private static final Duration CLOCK_STEP = Duration.ofMinutes(1);
  private static final long MAX_LIFE_SECONDS = Duration.ofDays(366).toSeconds();
  private static final Pattern VALUE = Pattern.compile("[!-~]+");
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,31}");

  /** Whether it can be handed out: a fifth of its life remains, and at least 30 s. */
  public boolean isFresh(Instant now) {
    return lives(now) && Duration.between(now, expiry).compareTo(margin()) >= 0;
  }

  /** Whether it is time to request the next one. */
  public boolean isDue(Instant now) {
    return !now.isBefore(renewal) || !isFresh(now);
  }

  /** Whether it is valid. After the clock was set back by over a minute, nobody can know. */
  public boolean lives(Instant now) {
    return now.isBefore(expiry) && !now.isBefore(issued.minus(CLOCK_STEP));
  }

  private Duration margin() {
    Duration fifth = Duration.between(issued, expiry).dividedBy(5);
    return fifth.compareTo(LEAST) > 0 ? fifth : LEAST;
  }

  /**
   * Reads the response of a token endpoint (RFC 8693 section 2.2.1); empty if it is none, or lacks
   * the lifetime.
   *
   * @param asked when it was requested
   */
  static Optional<KeptToken> ofResponse(Map<String, Object> members, Instant asked) {
    if (!(members.get("expires_in") instanceof Integer seconds)
        || seconds <= 0
        || seconds > MAX_LIFE_SECONDS) {
      return Optional.empty();
    }
    Instant renewal = asked.plusSeconds(seconds / 2);
    // The broker spreads the renewals of many callers over 50 to 80 % of the life.
    if (members.get("refresh_in") instanceof Integer refresh
        && refresh > seconds / 2
        && refresh < seconds) {
      renewal = asked.plusSeconds(refresh);
    }
    return of(members, asked, renewal, asked.plusSeconds(seconds));
  }

  /** Reads what {@link #json} has written; empty if it is something else. */
  static Optional<KeptToken> parse(byte[] json) {
    if (PeerJson.object(json) instanceof Accepted<Map<String, Object>>(Map<String, Object> members)
        && members.get("issued") instanceof Number issued
        && members.get("renewal") instanceof Number renewal
        && members.get("expiry") instanceof Number expiry) {
      return of(members, instant(issued), instant(renewal), instant(expiry));
    }
    return Optional.empty();
  }

  private static Instant instant(Number seconds) {
    return Instant.ofEpochSecond(Math.clamp(seconds.longValue(), 0, Integer.MAX_VALUE * 8L));
  }

  private static Optional<KeptToken> of(
      Map<String, Object> members, Instant issued, Instant renewal, Instant expiry) {
    String type = members.get("token_type") instanceof String text ? text : "";
    String issuedType = members.get("issued_token_type") instanceof String text ? text : "";
    String scope = members.get("scope") instanceof String text ? text : "";
    return members.get("access_token") instanceof String value
            && VALUE.matcher(value).matches()
            && SCHEME.matcher(type).matches()
        ? Optional.of(new KeptToken(value, type, issuedType, scope, issued, renewal, expiry))
        : Optional.empty();
  }

  /** The form in which a cache keeps it. */
  byte[] json() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("access_token", value);
    members.put("token_type", type);
    members.put("issued_token_type", issuedType);
    members.put("scope", scope);
    members.put("issued", issued.getEpochSecond());
    members.put("renewal", renewal.getEpochSecond());
    members.put("expiry", expiry.getEpochSecond());
    return JsonBytes.of(members);
  }

  @Override
  public String toString() {
    return "KeptToken[renewal=" + renewal + ", expiry=" + expiry + "]";
  }
}
