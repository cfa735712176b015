/**
 * The parts that both edges share: client certificates, public addresses, the headers of proxies,
 * traces, readiness, and the drain before the process ends.
 */
@NullMarked
package dev.tokenbroker.edge;

import org.jspecify.annotations.NullMarked;
