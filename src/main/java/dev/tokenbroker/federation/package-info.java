/**
 * The federation document: read, validated, watched, swapped whole; the last good one stays.
 *
 * <p>{@link dev.tokenbroker.federation.Federations} holds the one in force. {@link
 * dev.tokenbroker.federation.FederationLoader} makes one from files: {@code SourceFiles} reads
 * bytes, {@code YamlParser} makes lines and values of them, {@code DocumentReader} and its sections
 * judge these and name every problem, {@code SourceFiles} gives the revision. Does not judge
 * credentials and fetches nothing. Called by {@code exchange}, {@code telemetry} and the edges.
 */
@NullMarked
package dev.tokenbroker.federation;

import org.jspecify.annotations.NullMarked;
