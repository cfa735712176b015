package dev.tokenbroker.grpc;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The {@code grpc-timeout} header: at most eight digits and a unit (gRPC over HTTP/2, Requests).
 */
final class GrpcTimeout {

  private static final int MAX_DIGITS = 8;

  private GrpcTimeout() {}

  /**
   * The time that the caller waits; empty where it did not say, or not in the form that the
   * protocol asks for.
   */
  static Optional<Duration> parse(@Nullable String header) {
    if (header == null || header.length() < 2 || header.length() > MAX_DIGITS + 1) {
      return Optional.empty();
    }
    int digits = header.length() - 1;
    long amount = 0;
    for (int at = 0; at < digits; at++) {
      char c = header.charAt(at);
      if (c < '0' || c > '9') {
        return Optional.empty();
      }
      amount = amount * 10 + (c - '0');
    }
    long value = amount;
    return unit(header.charAt(digits)).map(unit -> Duration.of(value, unit));
  }

  private static Optional<ChronoUnit> unit(char letter) {
    return switch (letter) {
      case 'H' -> Optional.of(ChronoUnit.HOURS);
      case 'M' -> Optional.of(ChronoUnit.MINUTES);
      case 'S' -> Optional.of(ChronoUnit.SECONDS);
      case 'm' -> Optional.of(ChronoUnit.MILLIS);
      case 'u' -> Optional.of(ChronoUnit.MICROS);
      case 'n' -> Optional.of(ChronoUnit.NANOS);
      default -> Optional.empty();
    };
  }
}
