package dev.tokenbroker.issue.signing;

/**
 * A JWT that this broker signed about an identity, for one upstream and one attempt.
 *
 * @param value the JWT itself; {@link #toString()} keeps it out of logs
 * @param id its {@code jti}
 * @param issuer its {@code iss}, this broker
 * @param keyId the {@code kid} of the key that signed it
 */
public record MintedAssertion(String value, String id, String issuer, String keyId) {

  @Override
  public String toString() {
    return "MintedAssertion[id=" + id + ", keyId=" + keyId + "]";
  }
}
