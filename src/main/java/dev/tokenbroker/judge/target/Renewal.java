package dev.tokenbroker.judge.target;

import java.time.Duration;

/**
 * When clients come back for their next token, as parts of the life of the present one.
 *
 * @param earliest the earliest part of the life, 0 to 1
 * @param latest the latest part of the life, 0 to 1
 * @param leftPart the part of the life that is left at least when a token is handed out again
 * @param least what is left at least, whatever the part
 */
public record Renewal(double earliest, double latest, double leftPart, Duration least) {

  /** By 50 to 80 % of the life. */
  public static final Renewal USUAL = new Renewal(0.5, 0.8, 0.2, Duration.ofSeconds(30));

  /** How much of a life is left at least when a token is handed out again. */
  public Duration leastLeft(Duration life) {
    Duration part = part(leftPart, life);
    return part.compareTo(least) > 0 ? part : least;
  }

  /** The latest time after its issue at which a token is renewed. */
  public Duration latest(Duration life) {
    return part(latest, life);
  }

  private static Duration part(double part, Duration life) {
    return Duration.ofMillis(Math.round(life.toMillis() * part));
  }
}
