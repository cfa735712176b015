package dev.tokenbroker.peers.http;

import org.jspecify.annotations.Nullable;

/** The result of one request. */
public sealed interface CallEnd permits CallEnd.Response, CallFailed {

  /** What the response says about itself, for operators only; null without a response. */
  @Nullable AnswerText words();

  /** A response with any status, or the head of one whose body is not wanted. */
  record Response(AnswerTimes times, AnswerText words) implements CallEnd, Answered {}
}
