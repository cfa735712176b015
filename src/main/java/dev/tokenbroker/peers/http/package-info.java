/**
 * In: a URL or a form, and a deadline. Out: a bounded response, or why there is none. Refuses
 * addresses of this network. Open {@code PeerClient} first.
 */
@NullMarked
package dev.tokenbroker.peers.http;

import org.jspecify.annotations.NullMarked;
