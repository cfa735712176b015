package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a refusal tells about its cause. Refusals with equal evidence are counted together.
 *
 * @param proved whether no stranger can cause it: a current or recently withdrawn key of the issuer
 *     signed the credential, or the state of {@linkplain Causes#isOfPeer a peer} decides
 * @param target the audience that was asked for, if the policy judged the request; else empty
 * @param rule the rule that decided; empty if none did
 * @param client the registered client that asked, if the policy judged the request; else empty
 */
record RefusalEvidence(
    RefusedPeer peer,
    RefusalReason reason,
    boolean proved,
    String target,
    String rule,
    String client,
    Clue clue) {

  /** The evidence of a verdict that refused for that reason. */
  static RefusalEvidence of(RefusalReason reason, Verdict verdict, @Nullable String upstream) {
    boolean judged = verdict.authentic() && Causes.isOfPolicy(reason);
    return new RefusalEvidence(
        RefusedPeer.of(reason, verdict.issuer(), upstream),
        reason,
        verdict.authentic() || verdict.clue().signed() || Causes.isOfPeer(reason),
        judged ? verdict.target() : "",
        judged ? Objects.requireNonNullElse(verdict.rule(), "") : "",
        judged ? Objects.requireNonNullElse(verdict.client(), "") : "",
        verdict.clue());
  }

  /** The same without a target that the document does not declare: a caller can make those up. */
  RefusalEvidence declared(Predicate<String> targets) {
    return target.isEmpty() || targets.test(target)
        ? this
        : new RefusalEvidence(peer, reason, proved, "", rule, client, clue);
  }

  /** The same without what tells refusals of one peer and reason apart. */
  RefusalEvidence withoutDetails() {
    return new RefusalEvidence(peer, reason, proved, "", "", "", Clue.none());
  }

  /** By text: the hash code of a record is slow in a native executable. */
  String group() {
    return peer.kind().name() + ' ' + reason.name() + ' ' + proved + ' ' + peer.name();
  }

  String text() {
    return group() + '\n' + target + '\n' + rule + '\n' + client + '\n' + clue;
  }

  /** What decides about such a refusal, besides its clue. */
  Clue decided() {
    String name = peer.name();
    return switch (reason) {
      case ISSUER_UNKNOWN -> Clue.of(Clue.entry("issuer", "", "issuer"));
      case ISSUER_DISABLED -> Clue.of(Clue.entry("issuer", name, "disabled"));
      case ALGORITHM_NOT_ALLOWED -> Clue.of(Clue.entry("issuer", name, "algorithms"));
      case AUDIENCE_MISMATCH -> Clue.of(reason.name(), Clue.entry("issuer", name, "audiences"));
      case CREDENTIAL_EXPIRED, CREDENTIAL_NOT_YET_VALID ->
          Clue.of(Clue.entry("issuer", name, "leeway"));
      case CREDENTIAL_TOO_OLD, CLAIM_MISSING -> Clue.of(Clue.entry("issuer", name, "maxTokenAge"));
      case NO_RULE_MATCHED, CLIENT_NOT_ADMITTED -> ofRules(Set.of(Clue.claims(target)), "left");
      case CLIENT_DISABLED -> Clue.of(Clue.entry("client", client, "disabled"));
      case CLIENT_NOT_PERMITTED -> Clue.of(Clue.entry("client", client, "may"));
      case RULE_DISABLED -> ofRule("disabled");
      case RULE_EVALUATION_FAILED -> ofRule("claims", "subject");
      case SCOPE_NOT_GRANTED -> ofRule("scopes");
      case TARGET_UNKNOWN -> Clue.of(Clue.entry("target", target, "removed"));
      case CERTIFICATE_REQUIRED, DPOP_PROOF_REQUIRED ->
          Clue.of(Clue.entry("target", target, "mint"));
      default ->
          peer.kind() == SubjectKind.ISSUER
              ? Clue.of(reason.name(), Clue.entry("issuer", name, "keys"))
              : Clue.of(
                  reason.name(),
                  Clue.entry("upstream", name, "changed"),
                  Clue.entry("target", target, "exchange"));
    };
  }

  /** What was done to the rules that could have decided: those of the issuer and the client. */
  private Clue ofRules(Set<String> names, String... what) {
    Set<String> all = new HashSet<>(names);
    for (String from : List.of(peer.name(), Clue.client(client))) {
      Stream.of(what).forEach(each -> all.add(Clue.entry("rules", Clue.route(from, target), each)));
    }
    return new Clue.Names(all, false);
  }

  /** Of another rule than the one that decided, only what made it decide no longer. */
  private Clue ofRule(String... values) {
    Set<String> names = new HashSet<>();
    names.add(Clue.claims(target));
    names.add(Clue.entry("rule", rule, "when"));
    Stream.of(values).forEach(value -> names.add(Clue.entry("rule", rule, value)));
    return ofRules(names, "left", "order");
  }
}
