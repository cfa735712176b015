/**
 * The HTTP edge: the well-known documents that verifiers of our tokens read, and who may read
 * verdicts.
 *
 * <p>Owns media types, cache headers and problem bodies; knows neither keys nor rules. Called by
 * nobody but HTTP clients.
 */
@NullMarked
package dev.tokenbroker.http;

import org.jspecify.annotations.NullMarked;
