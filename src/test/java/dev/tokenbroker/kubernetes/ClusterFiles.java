package dev.tokenbroker.kubernetes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The files by which the broker identifies itself in a cluster, and those of its document. */
record ClusterFiles(Path directory) {

  /** Writes a file as Kubernetes does: readers see the old content or the new one. */
  Path write(String name, String content) {
    try {
      Path part = Files.writeString(directory.resolve(name + ".part"), content);
      return Files.move(part, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** The entry of a cluster, whose files begin with its name. */
  static String issuer(String name, FakeApiServer cluster, String audience, boolean review) {
    return
"""
  - name: %1$s
    issuer: %2$s
    audiences: ['%3$s']
    kubernetes: {server: '%4$s', tokenFile: %1$s.token, caFile: %1$s.crt, tokenReview: %5$s}
"""
        .formatted(name, FakeApiServer.ISSUER, audience, cluster.origin(), review);
  }

  /** A rule that gives identities of that cluster tokens for payments-api. */
  static String rule(String cluster) {
    return "  - {name: %1$s, issuer: %1$s, audience: payments-api, when: 'true', scopes: [read]}%n"
        .formatted(cluster);
  }

  /** A document with those issuers and rules. */
  Path federation(String issuers, String rules) {
    return write(
        "federation.yaml",
        "issuers:\n"
            + issuers
            + "targets:\n  - {audience: payments-api, mint: {lifetime: 5m}}\nrules:\n"
            + rules);
  }
}
