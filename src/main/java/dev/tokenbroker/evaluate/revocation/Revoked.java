package dev.tokenbroker.evaluate.revocation;

import java.time.Instant;
import java.util.regex.Pattern;

/**
 * A revoked token, as it is kept.
 *
 * @param id its {@code jti}: letters, digits, {@code -} and {@code _}
 * @param keptUntil the earliest time to forget it; whole seconds
 */
public record Revoked(String id, Instant keptUntil) {

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,128}");

  /** Whether a token of ours may have that {@code jti}. */
  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }
}
