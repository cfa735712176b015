/**
 * The federation document: read, validated, watched, and swapped whole. {@link
 * dev.tokenbroker.federation.Federations} holds the one in force; a bad file never replaces it.
 */
@NullMarked
package dev.tokenbroker.federation;

import org.jspecify.annotations.NullMarked;
