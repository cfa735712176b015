package dev.tokenbroker.devissuer;

import java.nio.file.Path;

/** Says where everything is and what to try, for a person at a terminal. */
final class Welcome {

  private Welcome() {}

  /** What the console shows under the demonstrated exchange. */
  static String broker(int port, Path federation) {
    String address = DevIssuer.address(port);
    return """
    WHERE EVERYTHING IS
      gRPC         localhost:%d, service tokenbroker.v1.TokenBroker, no TLS, reflection on
      health       %s/q/health
      metrics      %s/q/metrics
      our keys     %s/.well-known/openid-configuration
                   %s/.well-known/jwks.json
      dev issuer   %s
      federation   %s (change it, save, try again)

    TRY A REFUSAL
      curl '%s/try?flaw=expired'
      curl '%s/try?flaw=wrong-audience'
      curl '%s/try?flaw=issuer-slash'
    """
        .formatted(
            port,
            address,
            address,
            address,
            address,
            DevIssuer.issuer(port),
            federation,
            DevIssuer.issuer(port),
            DevIssuer.issuer(port),
            DevIssuer.issuer(port));
  }

  /** What the development issuer says of itself. */
  static String issuer(int port) {
    return """
    The development issuer %1$s

      curl '%1$s/credential'                   a credential that the sample federation admits
      curl '%1$s/credential?sub=dev-operator'  one of an operator
      curl '%1$s/try'                          exchange one, see request, answer and verdict
      curl '%1$s/try?flaw=expired'             the same with a flaw
      curl '%1$s/try?target=nowhere'           a target that does not exist
      curl '%1$s/try?scope=read&scope=admin'   a scope that is not granted

    credential and try take sub, audience, repository, ref and flaw, which is one of

    %2$s"""
        .formatted(DevIssuer.issuer(port), Flaw.list());
  }
}
