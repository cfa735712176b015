/**
 * In: connections and requests before any route. Out: the same within their bounds, or the end of
 * the connection; the answers of health checks. Open {@code RequestFraming} first.
 */
@NullMarked
package dev.tokenbroker.edges.http.guard;

import org.jspecify.annotations.NullMarked;
