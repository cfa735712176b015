package dev.tokenbroker.peers.http;

import java.net.URI;

/** The result of a request that was sent for a diagnosis. */
public sealed interface Probed permits Probed.ProbeAnswer, CallFailed {

  /**
   * A response with any status.
   *
   * @param uri the requested URL; after redirects within the origin, the last one
   */
  record ProbeAnswer(URI uri, AnswerTimes times, AnswerText words) implements Probed, Answered {}
}
