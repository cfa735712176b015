package dev.tokenbroker.issue.signing;

import dev.tokenbroker.base.time.Clocks;

/**
 * How verifiers learn of keys: after what times, by which clock, and from which other replicas.
 *
 * @param timing how long keys are published before they sign and after they have signed
 * @param replicas which keys the other replicas publish
 */
record Publication(KeyTiming timing, Clocks clock, ReplicaKeys replicas) {}
