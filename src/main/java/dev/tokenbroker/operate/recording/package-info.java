/**
 * In: exchanges as they end. Out: a recording of the claims that rules read, and what another
 * document decides about it. Open {@code Recorder} first.
 */
@NullMarked
package dev.tokenbroker.operate.recording;

import org.jspecify.annotations.NullMarked;
