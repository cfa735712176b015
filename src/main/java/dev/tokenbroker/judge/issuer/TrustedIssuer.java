package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An issuer that the federation trusts to sign credentials.
 *
 * @param name its name in the federation document
 * @param issuer the value that {@code iss} must equal, character for character
 * @param audiences {@code aud} must hold one of these values; never empty
 * @param algorithms the algorithms it may sign with; never empty
 * @param leeway the clock difference allowed in time checks
 * @param maxTokenAge how long after {@code iat} a credential may be used; null if only {@code exp}
 *     counts
 * @param disabled whether all its credentials are refused
 * @param once whether each of its credentials may be exchanged only once
 * @param keys its keys
 * @param tokenReview whether the issuer itself is asked about each of its credentials
 * @param client whether it is a registered client that signs its own assertions (RFC 7523 section
 *     2.2): then {@code issuer} is the name of the client, and {@code name} begins with {@value
 *     #CLIENT_PREFIX}
 */
public record TrustedIssuer(
    String name,
    String issuer,
    Set<String> audiences,
    Set<SigningAlgorithm> algorithms,
    Duration leeway,
    @Nullable Duration maxTokenAge,
    boolean disabled,
    boolean once,
    KeySetSource keys,
    boolean tokenReview,
    boolean client) {

  /** The upper bound for every issuer, in every revision of the federation. */
  public static final Duration MAX_LEEWAY = Duration.ofMinutes(5);

  /** Begins the subject of a client with its own key. No other issuer's subject may begin so. */
  public static final String CLIENT_PREFIX = "client:";

  /** The longest life of a client's own assertion. */
  public static final Duration MAX_ASSERTION_LIFE = Duration.ofMinutes(5);

  public TrustedIssuer {
    audiences = Set.copyOf(audiences);
    algorithms = Set.copyOf(algorithms);
  }

  /** The same issuer, with all its credentials refused. */
  public TrustedIssuer disable() {
    return new TrustedIssuer(
        name,
        issuer,
        audiences,
        algorithms,
        leeway,
        maxTokenAge,
        true,
        once,
        keys,
        tokenReview,
        client);
  }
}
