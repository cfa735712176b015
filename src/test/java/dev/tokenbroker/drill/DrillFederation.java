package dev.tokenbroker.drill;

import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.util.Collection;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The federation document of all scenes, and one without their issuers. */
final class DrillFederation {

  /** What is left when somebody removes the issuers. */
  static final String OTHER =
      """
      issuers:
        - {name: other, issuer: 'https://other.example', audiences: [a], tls: corp}
      targets:
        - {audience: payments-api, mint: {lifetime: 10m}}
      rules:
        - {name: pays, issuer: other, audience: payments-api, when: 'true', scopes: [read]}
      """;

  private DrillFederation() {}

  static String of(DrillIssuer good, Collection<Scene> scenes) {
    return """
    issuers:
      - {name: good, issuer: '%s', audiences: ['%s'], tls: corp}
    %sclients:
    %supstreams:
    %stargets:
      - {audience: payments-api, mint: {lifetime: 10m}}
    %srules:
      - {name: operators, issuer: good, audience: token-broker, when: claims.sub == "operator", scopes: [operate, revoke]}
      - {name: pays, issuer: good, audience: payments-api, when: 'true', scopes: [read]}
    %s"""
        .formatted(
            good.origin(),
            FakeIssuer.AUDIENCE,
            joined(scenes, Scene::issuers),
            joined(scenes, Scene::clients),
            joined(scenes, Scene::upstreams),
            joined(scenes, Scene::targets),
            joined(scenes, Scene::rules));
  }

  private static String joined(Collection<Scene> scenes, Function<Scene, String> part) {
    return scenes.stream().map(part).collect(Collectors.joining());
  }
}
