package dev.tokenbroker.evaluate.federation;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.evaluate.federation.document.Federation;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The status of the federation document, for meters, readiness and the log.
 *
 * @param revision the revision in force; null until one has been loaded
 * @param loadedAt when that one was loaded; null until then
 * @param lastAttemptAt when the document was last read; null before the start
 * @param problems its problems at that time; empty where there were none
 * @param reloads how often a new revision came into force, the first one included
 * @param failures how often a document was rejected
 */
public record FederationStatus(
    @Nullable String revision,
    @Nullable Instant loadedAt,
    @Nullable Instant lastAttemptAt,
    List<Problem> problems,
    long reloads,
    long failures) {

  static final FederationStatus NOTHING = new FederationStatus(null, null, null, List.of(), 0, 0);

  public FederationStatus {
    problems = List.copyOf(problems);
  }

  FederationStatus taken(Federation federation, Instant now) {
    return new FederationStatus(
        federation.revision(), federation.loadedAt(), now, List.of(), reloads + 1, failures);
  }

  FederationStatus rejected(List<Problem> found, Instant now) {
    return new FederationStatus(revision, loadedAt, now, found, reloads, failures + 1);
  }

  FederationStatus unchanged(Instant now) {
    return new FederationStatus(revision, loadedAt, now, List.of(), reloads, failures);
  }
}
