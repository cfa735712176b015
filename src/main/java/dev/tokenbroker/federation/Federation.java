package dev.tokenbroker.federation;

import dev.tokenbroker.issuer.TrustedIssuers;
import dev.tokenbroker.policy.Policy;
import dev.tokenbroker.policy.Supply;
import dev.tokenbroker.sts.Upstream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One document, found to be free of problems: whom we trust, and who may have what. Immutable; an
 * exchange takes one and keeps to it, however often another is swapped in meanwhile.
 *
 * @param revision 64 hexadecimal digits; equal ones decide alike
 * @param upstreams by their names in the document; each that a target names is among them, unless
 *     it was loaded {@linkplain FederationLoader#toExplain to explain} only
 * @param loadedAt when it was read
 * @param sources the names of the files that it was read from
 */
public record Federation(
    String revision,
    TrustedIssuers issuers,
    Policy policy,
    Map<String, Upstream> upstreams,
    Instant loadedAt,
    List<String> sources) {

  public Federation {
    upstreams = Map.copyOf(upstreams);
    sources = List.copyOf(sources);
  }

  /**
   * Whether a token from there can be had again by the same credential: not where an upstream may
   * have used it up.
   */
  public boolean canRepeat(Supply supply) {
    return switch (supply) {
      case Supply.Mint _ -> true;
      case Supply.Exchange from ->
          !Objects.requireNonNull(upstreams.get(from.upstream())).definition().mayUseUpCredential();
    };
  }
}
