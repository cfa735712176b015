package dev.tokenbroker.devissuer;

import jakarta.ws.rs.DefaultValue;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters that describe a credential.
 *
 * @param sub its subject
 * @param audience its audience
 * @param repository the repository claim
 * @param ref the branch claim
 * @param flaw the label of what should be wrong with it
 */
public record CredentialParameters(
    @RestQuery @DefaultValue(DevCredential.SUBJECT) String sub,
    @RestQuery @DefaultValue(DevCredential.AUDIENCE) String audience,
    @RestQuery @DefaultValue(DevCredential.REPOSITORY) String repository,
    @RestQuery @DefaultValue(DevCredential.REF) String ref,
    @RestQuery @Nullable String flaw) {

  /** The credential meant; a flaw that does not exist is answered with 400 and those that do. */
  DevCredential credential() {
    return new DevCredential(
        sub, audience, repository, ref, flaw == null || flaw.isEmpty() ? null : knownFlaw(flaw));
  }

  private static Flaw knownFlaw(String label) {
    return Flaw.named(label).orElseThrow(UnknownFlawException::new);
  }
}
