package dev.tokenbroker.drill;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file of the broker that goes bad while it runs, so that callers notice nothing yet.
 *
 * @param log matches the whole line
 * @param meter matches the whole line of a scrape
 */
record FileFault(String name, FileChange injection, String log, String meter, String alert) {

  /** What happens to the file. */
  @FunctionalInterface
  interface FileChange {
    void run() throws IOException;
  }

  static List<FileFault> all(Path directory) {
    return List.of(
        new FileFault(
            "a signing key file that is gone",
            () -> Files.delete(directory.resolve(OwnKey.FILE)),
            ".*ERROR.*own\\.pem.*",
            "tokenbroker_signing_key_problems 1\\.0",
            "TokenBrokerSigningKeyFilesBad"),
        new FileFault(
            "a client secret that is gone",
            () -> Files.delete(directory.resolve("secret")),
            ".*ERROR.*an-upstream-whose-client-secret-ended.*secret.*",
            "tokenbroker_changes_total\\{kind=\"secret-rejected\"} [1-9].*",
            "TokenBrokerSecretRejected"),
        new FileFault(
            "a federation document that is cut short",
            () -> Files.writeString(directory.resolve("federation.yaml"), "issuers:\n  - {"),
            ".*ERROR.*federation\\.yaml:2.*",
            "tokenbroker_federation_problems [1-9].*",
            "TokenBrokerFederationRefused"));
  }
}
