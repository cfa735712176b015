package dev.tokenbroker.devissuer;

import java.nio.file.Path;

/** Shows a person at a terminal the addresses and what to try. */
final class Welcome {

  private Welcome() {}

  /** The text that the console shows under the demonstrated exchange. */
  static String broker(int httpPort, int grpcPort, int managementPort, Path federation) {
    return """
    WHERE EVERYTHING IS
      console      %2$s/console/
      gRPC         localhost:%1$d, service tokenbroker.v1.TokenBroker, no TLS, reflection on
      health       %5$s/q/health
      metrics      %5$s/q/metrics
      our keys     %2$s/.well-known/openid-configuration
                   %2$s/.well-known/jwks.json
      dev issuer   %3$s
      federation   %4$s (change it, save, try again)
      audit log    target/dev-audit.log

    TRY A REFUSAL
      curl '%3$s/try?flaw=expired'
      curl '%3$s/try?flaw=wrong-audience'
      curl '%3$s/try?flaw=issuer-slash'
    """
        .formatted(
            grpcPort,
            DevIssuer.address(httpPort),
            DevIssuer.issuer(httpPort),
            federation,
            DevIssuer.address(managementPort));
  }

  /** The description that the development issuer gives of itself. */
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
