package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.target.Supply;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of one kind of target: in a target, and in the rules for such a target. {@link
 * TargetKinds} lists all kinds.
 */
interface TargetField {

  /** The key of a target that says it is of this kind. */
  String key();

  /**
   * Reads a target.
   *
   * @param fields the mapping at {@link #key()}
   * @param audience that of the target; null where it has problems
   * @return null where a problem was reported
   */
  @Nullable DeclaredTarget read(Fields fields, @Nullable String audience, Reading reading);

  /**
   * Reports the keys of a rule that only this kind has; the rule is for a target of another one.
   */
  default void refuse(Fields rule) {}

  /**
   * What the reader of targets shares with its kinds.
   *
   * @param upstreams the section of upstreams, already read
   * @param plain takes where tokens with {@code typ} JWT are asked for, by audience
   */
  record Reading(
      UpstreamSection upstreams,
      SecretFiles secrets,
      Map<String, Place> plain,
      Problems problems) {}

  /**
   * A target without problems.
   *
   * @param kind reads its kind
   * @param upstream the upstream that the target is itself; null if it is none
   * @param rules reads the rules for it
   */
  record DeclaredTarget(
      TargetField kind, Supply supply, @Nullable UpstreamDefinition upstream, RuleKeys rules) {}

  /** Reads what rules grant of one target. */
  interface RuleKeys {

    /** The scopes granted, sorted. */
    List<String> scopes(Fields rule, String audience);

    /** The part of the target that tokens are for; null for all of it, or where reported. */
    default @Nullable PartOfTarget part(Fields rule) {
      return null;
    }
  }

  /**
   * An expression for a part of a target.
   *
   * @param key the key of the rule that has it
   */
  record PartOfTarget(String key, Scalar text) {}
}
