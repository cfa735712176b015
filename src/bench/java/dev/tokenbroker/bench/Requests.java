package dev.tokenbroker.bench;

import com.google.protobuf.Duration;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.util.Arrays;
import java.util.function.IntFunction;

/** Requests as bytes, made beforehand where that can be. */
final class Requests {

  /** The longest life that the load's target gives, in seconds. */
  private static final int MAX_LIFE_SECONDS = 600;

  private static final int MIN_LIFE_SECONDS = 60;

  private Requests() {}

  /** The same request each time. */
  static IntFunction<byte[]> same(String credential) {
    byte[] request = request(credential);
    return number -> request;
  }

  /**
   * Each another credential; when all have been used, they come again for another lifetime, so that
   * no answer of before fits. Not for more than 540 times as many calls as there are credentials.
   */
  static IntFunction<byte[]> distinct(String[] credentials) {
    byte[][] requests = Arrays.stream(credentials).map(Requests::request).toArray(byte[][]::new);
    return number -> {
      byte[] request = requests[number % requests.length];
      return joined(request, lifetime(MAX_LIFE_SECONDS - number / requests.length));
    };
  }

  /** One message: those of protobuf merge when their bytes are joined. */
  private static byte[] joined(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  /** As {@link #distinct}, but each asks for a scope that no rule grants. */
  static IntFunction<byte[]> refused(String[] credentials) {
    byte[] scope = ExchangeTokenRequest.newBuilder().addScopes("none").build().toByteArray();
    IntFunction<byte[]> requests = distinct(credentials);
    return number -> joined(requests.apply(number), scope);
  }

  private static byte[] request(String credential) {
    return ExchangeTokenRequest.newBuilder()
        .setAudience(LoadIssuer.TARGET)
        .setSubjectToken(credential)
        .build()
        .toByteArray();
  }

  private static byte[] lifetime(int seconds) {
    if (seconds < MIN_LIFE_SECONDS) {
      throw new IllegalArgumentException("too few credentials for so many calls");
    }
    return ExchangeTokenRequest.newBuilder()
        .setLifetime(Duration.newBuilder().setSeconds(seconds))
        .build()
        .toByteArray();
  }
}
