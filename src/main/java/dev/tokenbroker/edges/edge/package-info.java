/**
 * In: what a connection or a header says about a caller. Out: what both edges need of it:
 * certificate, address, trace; readiness, and the drain before the process ends. Open {@code
 * Readiness} first.
 */
@NullMarked
package dev.tokenbroker.edges.edge;

import org.jspecify.annotations.NullMarked;
