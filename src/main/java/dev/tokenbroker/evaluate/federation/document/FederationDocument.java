package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.issuer.KeySetDocument;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.policy.Target;
import java.util.List;
import java.util.function.Consumer;

/**
 * The joined contents of the document's files. If there are problems, it holds only the entries
 * without any, and must not be used.
 *
 * @param rules in the order of the document
 * @param cases the case files that it names
 * @param outline where the entries stand
 */
record FederationDocument(
    List<DeclaredIssuer> issuers,
    List<UpstreamDefinition> upstreams,
    List<Target> targets,
    List<Rule> rules,
    List<DocumentGate.Source> cases,
    Outline outline) {

  FederationDocument {
    issuers = List.copyOf(issuers);
    upstreams = List.copyOf(upstreams);
    targets = List.copyOf(targets);
    rules = List.copyOf(rules);
    cases = List.copyOf(cases);
  }

  /** The key sets that do not come from the network, in the order of their issuers. */
  List<String> keySets() {
    return issuers.stream()
        .map(DeclaredIssuer::keys)
        .mapMulti(
            (DeclaredIssuer.DeclaredKeys keys, Consumer<String> contents) -> {
              if (keys
                  instanceof DeclaredIssuer.DeclaredKeys.Fixed(String content, KeySetDocument _)) {
                contents.accept(content);
              }
            })
        .toList();
  }
}
