/** Tokens of our own: signing keys and their rotation, minting, and which tokens were revoked. */
@NullMarked
package dev.tokenbroker.signing;

import org.jspecify.annotations.NullMarked;
