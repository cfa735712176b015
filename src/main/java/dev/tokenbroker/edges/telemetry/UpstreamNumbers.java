package dev.tokenbroker.edges.telemetry;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.peers.guard.PeerStatus;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The numbers of one upstream.
 *
 * @param guard the state of its guard
 * @param failures how many attempts have failed for a reason
 * @param probes how many probes were made
 * @param failedProbes how many of them have failed
 */
record UpstreamNumbers(
    Supplier<PeerStatus> guard,
    ToLongFunction<RefusalReason> failures,
    LongSupplier probes,
    LongSupplier failedProbes) {

  static UpstreamNumbers of(Upstream upstream) {
    return new UpstreamNumbers(
        upstream::status, upstream::failures, upstream::probes, upstream::failedProbes);
  }
}
