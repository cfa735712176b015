package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.refusal.Deadline;

/**
 * The event that the process ends soon. Each edge then admits no new calls. Its observer returns
 * once the calls under way have ended or the patience is over.
 *
 * @param patience the deadline of the calls under way
 */
public record Draining(Deadline patience) {}
