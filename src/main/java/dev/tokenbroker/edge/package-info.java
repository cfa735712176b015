/**
 * What both edges share: the caller's certificate, our addresses and what proxies say of them, the
 * trace of a call, readiness, and the drain before the end.
 */
@NullMarked
package dev.tokenbroker.edge;

import org.jspecify.annotations.NullMarked;
