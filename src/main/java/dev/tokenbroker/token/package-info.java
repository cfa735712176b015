/**
 * What goes out: minting, signing keys and their rotation. Decides nothing. Called by {@code
 * exchange} and the edges.
 */
@NullMarked
package dev.tokenbroker.token;

import org.jspecify.annotations.NullMarked;
