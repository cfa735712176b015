package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.issuer.FormerIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.judge.target.Target;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * One document without problems: the trusted issuers, and the targets that identities may access.
 * Immutable; an exchange uses one to its end, however often it is replaced meanwhile.
 *
 * @param revision 64 hexadecimal digits; equal ones decide alike
 * @param clients the registered clients, whose secrets are no part of the revision
 * @param upstreams by their names in the document, including each that a target names; empty if
 *     loaded to explain only, by a {@link FederationLoader} without upstreams
 * @param loadedAt when it was read
 * @param sources the names of the files that it was read from
 * @param former the issuers of the revision that was in force before
 */
public record Federation(
    String revision,
    TrustedIssuers issuers,
    RegisteredClients clients,
    Policy policy,
    Map<String, Upstream> upstreams,
    Instant loadedAt,
    List<String> sources,
    FormerIssuers former) {

  public Federation {
    upstreams = Map.copyOf(upstreams);
    sources = List.copyOf(sources);
  }

  /** The first characters of a revision, which distinguish it from others; all if it is short. */
  public static String shortened(String revision) {
    return revision.substring(0, Math.min(12, revision.length()));
  }

  /** The number of targets that the document declares. */
  public long declaredTargets() {
    return policy.targets().stream().filter(target -> !target.equals(Target.OPERATORS)).count();
  }

  /** The same federation, in force after that one. */
  public Federation after(Federation before) {
    FormerIssuers trusted = FormerIssuers.of(before.revision(), before.issuers());
    return new Federation(
        revision, issuers, clients, policy, upstreams, loadedAt, sources, trusted);
  }

  /**
   * The same federation as read again: the secrets of clients and the names of files are no part of
   * the revision.
   */
  public Federation with(Federation read) {
    return read.clients == clients && read.sources.equals(sources)
        ? this
        : new Federation(
            revision,
            issuers,
            read.clients,
            read.policy,
            upstreams,
            loadedAt,
            read.sources,
            former);
  }

  /** The algorithms that targets name for what the broker signs, with the targets' audiences. */
  public Map<SigningAlgorithm, Set<String>> signatures() {
    Map<SigningAlgorithm, Set<String>> audiences = new EnumMap<>(SigningAlgorithm.class);
    for (Target target : policy.targets()) {
      SigningAlgorithm name = target.supply().algorithm();
      if (name != null) {
        audiences.computeIfAbsent(name, _ -> new TreeSet<>()).add(target.audience());
      }
    }
    return audiences;
  }

  /**
   * Whether the same credential can get such a token again; false where an upstream may have used
   * it up.
   */
  public boolean canRepeat(Supply supply) {
    return supply
        .fromUpstream()
        .map(
            from ->
                !Objects.requireNonNull(upstreams.get(from.upstream()))
                    .definition()
                    .kind()
                    .mayUseUp(from.presentation()))
        .orElse(true);
  }
}
