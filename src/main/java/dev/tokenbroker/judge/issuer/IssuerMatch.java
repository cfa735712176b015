package dev.tokenbroker.judge.issuer;

import java.util.List;

/** The entries of a federation that a credential means by its {@code iss} and its {@code aud}. */
public sealed interface IssuerMatch {

  /** Exactly one entry, whose keys verify the credential. */
  record OneIssuer(TrustedIssuer issuer) implements IssuerMatch {}

  /** No entry has this issuer. */
  record UnknownIssuer() implements IssuerMatch {}

  /**
   * Several entries have this issuer, and none of them an audience of the credential.
   *
   * @param entries those with this issuer
   */
  record NoAudience(List<TrustedIssuer> entries) implements IssuerMatch {}

  /**
   * The credential is for the audiences of several entries with this issuer.
   *
   * @param entries those with an audience of the credential
   */
  record SeveralIssuers(List<TrustedIssuer> entries) implements IssuerMatch {}
}
