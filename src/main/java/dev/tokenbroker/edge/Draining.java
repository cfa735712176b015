package dev.tokenbroker.edge;

import dev.tokenbroker.outcome.Deadline;

/**
 * The process ends soon: each edge takes no new calls, and its observer returns once the calls
 * under way have ended, or the patience is over.
 */
public record Draining(Deadline patience) {}
