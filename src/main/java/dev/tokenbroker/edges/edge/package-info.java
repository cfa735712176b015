/**
 * What both edges share: client certificates, public addresses, headers of proxies, traces,
 * readiness, and the drain before the process ends.
 */
@NullMarked
package dev.tokenbroker.edges.edge;

import org.jspecify.annotations.NullMarked;
