package dev.tokenbroker.devissuer;

import org.jspecify.annotations.Nullable;

/**
 * The content of a credential of the development issuer: a job of a CI system, by default the one
 * that the sample federation admits.
 *
 * @param subject {@code sub}
 * @param audience {@code aud}
 * @param repository the repository that the job runs for
 * @param ref the branch that it runs on
 * @param flaw its flaw; null for none
 */
record DevCredential(
    String subject, String audience, String repository, String ref, @Nullable Flaw flaw) {

  static final String SUBJECT = "repo:acme/payments:ref:refs/heads/main";
  static final String AUDIENCE = "https://token-broker.localhost";
  static final String REPOSITORY = "acme/payments";
  static final String REF = "refs/heads/main";

  /** The credential that the sample federation admits to {@code payments-api}. */
  static DevCredential sound() {
    return new DevCredential(SUBJECT, AUDIENCE, REPOSITORY, REF, null);
  }

  DevCredential with(@Nullable Flaw wanted) {
    return new DevCredential(subject, audience, repository, ref, wanted);
  }
}
