package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.edges.telemetry.Settings;
import java.time.InstantSource;

/** Verifiers with the default settings. */
public final class TestVerifiers {

  private TestVerifiers() {}

  public static JwtVerifier of(InstantSource clock) {
    return of(clock, SignatureProvider.automatic());
  }

  public static JwtVerifier of(InstantSource clock, SignatureProvider provider) {
    return new JwtVerifier(clock, provider, Settings.defaults(CredentialSettings.class));
  }
}
