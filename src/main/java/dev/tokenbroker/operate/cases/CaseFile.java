package dev.tokenbroker.operate.cases;

import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.possession.AssumedKeys;
import dev.tokenbroker.judge.possession.ProvedKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A case file: expectations about the decisions of a federation.
 *
 * @param file the name of the file, for reports
 * @param federation the path of the federation document, relative to the file; null if the file
 *     names none
 * @param now the time of the decisions; null for the present
 * @param identities the identities by name
 */
public record CaseFile(
    String file,
    @Nullable String federation,
    @Nullable Instant now,
    Map<String, Workload> identities,
    List<TestCase> cases) {

  /** The keys that the case assumes as proved. */
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
   * @param claims the claims, which count as verified
   */
  record Workload(String name, String issuer, Map<String, Object> claims, int line) {}

  /**
   * A case: one expectation for each pair of its identities and audiences.
   *
   * @param scopes the requested scopes; empty for all granted scopes
   * @param lifetime the requested lifetime; null for the target's own
   * @param client the client that presents the credential; null for none
   * @param line where it begins in the file
   */
  record TestCase(
      String name,
      List<String> identities,
      List<String> audiences,
      Set<String> scopes,
      @Nullable Duration lifetime,
      Proved proved,
      @Nullable String client,
      Expectation expected,
      int line) {

    GrantRequest request(String audience) {
      return new GrantRequest(audience, scopes, lifetime);
    }
  }
}
