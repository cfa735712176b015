package dev.tokenbroker.rehearsal;

import dev.tokenbroker.policy.GrantRequest;
import dev.tokenbroker.possession.AssumedKeys;
import dev.tokenbroker.possession.ProvedKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Expectations about the decisions of a federation.
 *
 * @param file its name, for reports
 * @param federation the path of the document that it names, relative to the file; null where it
 *     names none
 * @param now the moment at which it judges; null for the present
 * @param identities by name
 */
public record CaseFile(
    String file,
    @Nullable String federation,
    @Nullable Instant now,
    Map<String, Workload> identities,
    List<TestCase> cases) {

  /** The keys that a caller is taken to have proved. */
  enum Proved {
    NONE,
    DPOP,
    CERTIFICATE;

    ProvedKeys keys() {
      return AssumedKeys.of(this == CERTIFICATE, this == DPOP);
    }
  }

  /**
   * An identity of a case file.
   *
   * @param issuer the name of an issuer in the federation document
   * @param claims they count as verified
   */
  record Workload(String name, String issuer, Map<String, Object> claims, int line) {}

  /**
   * One expectation about each of its identities and each of its audiences.
   *
   * @param scopes the requested scopes; empty for all that are granted
   * @param lifetime the requested lifetime; null for the target's own
   * @param line where it begins in the file
   */
  record TestCase(
      String name,
      List<String> identities,
      List<String> audiences,
      Set<String> scopes,
      @Nullable Duration lifetime,
      Proved proved,
      Expectation expected,
      int line) {

    GrantRequest request(String audience) {
      return new GrantRequest(audience, scopes, lifetime);
    }
  }
}
