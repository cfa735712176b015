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
 * @param flaw the label of its flaw
 */
public record CredentialParameters(
    @RestQuery @DefaultValue(DevCredential.SUBJECT) String sub,
    @RestQuery @DefaultValue(DevCredential.AUDIENCE) String audience,
    @RestQuery @DefaultValue(DevCredential.REPOSITORY) String repository,
    @RestQuery @DefaultValue(DevCredential.REF) String ref,
    @RestQuery @Nullable String flaw) {

  /** The described credential; an unknown flaw ends in 400 and the list of known ones. */
  DevCredential credential() {
    return new DevCredential(
        sub, audience, repository, ref, flaw == null || flaw.isEmpty() ? null : knownFlaw(flaw));
  }

  private static Flaw knownFlaw(String label) {
    return Flaw.named(label).orElseThrow(UnknownFlawException::new);
  }
}
