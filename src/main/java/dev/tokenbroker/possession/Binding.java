package dev.tokenbroker.possession;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a token is bound to, so that nobody else can use it (RFC 7800).
 *
 * <p>A part of cache keys. Its records compare themselves: what the compiler generates for them
 * takes a native executable 20 us.
 */
public sealed interface Binding {

  /** To nothing: whoever holds the token can use it. */
  enum None implements Binding {
    NONE
  }

  /**
   * To a client certificate (RFC 8705 section 3).
   *
   * @param thumbprint the SHA-256 of its DER form, base64url
   */
  record Certificate(String thumbprint) implements Binding {

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Certificate that && thumbprint.equals(that.thumbprint);
    }

    @Override
    public int hashCode() {
      return thumbprint.hashCode();
    }
  }

  /**
   * To a key that proofs of possession are made with (RFC 9449 section 6).
   *
   * @param thumbprint the SHA-256 thumbprint of its JWK (RFC 7638), base64url
   */
  record Key(String thumbprint) implements Binding {

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that && thumbprint.equals(that.thumbprint);
    }

    @Override
    public int hashCode() {
      return thumbprint.hashCode();
    }
  }

  /** That to nothing. */
  static Binding none() {
    return None.NONE;
  }

  /** How a token that is bound so is presented. */
  default TokenType tokenType() {
    return switch (this) {
      case None _, Certificate _ -> TokenType.BEARER;
      case Key _ -> TokenType.DPOP;
    };
  }

  /** The members of {@code cnf}; none where nothing is bound. */
  default Map<String, String> confirmation() {
    return switch (this) {
      case None _ -> Map.of();
      case Certificate(String thumbprint) -> Map.of(Confirmation.CERTIFICATE, thumbprint);
      case Key(String thumbprint) -> Map.of(Confirmation.KEY, thumbprint);
    };
  }

  /** In verdicts; thumbprints are no secrets. */
  default String description() {
    return switch (this) {
      case None _ -> "nothing";
      case Certificate(String thumbprint) -> "the client certificate " + thumbprint;
      case Key(String thumbprint) -> "the DPoP key " + thumbprint;
    };
  }
}
