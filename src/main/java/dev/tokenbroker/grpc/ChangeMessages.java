package dev.tokenbroker.grpc;

import dev.tokenbroker.changes.ChangeEvent;
import dev.tokenbroker.changes.RisenRefusals;
import dev.tokenbroker.outcome.Change;
import dev.tokenbroker.v1.JoinedRefusals;

/** Maps the timeline of changes to API messages. */
final class ChangeMessages {

  private ChangeMessages() {}

  /**
   * The message for an event.
   *
   * @param missed how many events before it the stream has dropped
   */
  static dev.tokenbroker.v1.ChangeEvent event(ChangeEvent event, long missed) {
    Change change = event.change();
    var message =
        dev.tokenbroker.v1.ChangeEvent.newBuilder()
            .setId(event.id())
            .setTime(ExchangeMessages.timestamp(event.time()))
            .setKind(change.kind().label())
            .setSubjectKind(change.subjectKind().label())
            .setSubject(event.subject())
            .setIssuer(event.issuer())
            .setWas(change.was())
            .setIs(change.is())
            .setMissedEvents(missed);
    if (event.isLate()) {
      message.setNoticedAfterTime(ExchangeMessages.timestamp(event.noticedAfter()));
    }
    event.joined().forEach(risen -> message.addJoined(joined(event, risen)));
    return message.build();
  }

  private static JoinedRefusals joined(ChangeEvent event, RisenRefusals risen) {
    return JoinedRefusals.newBuilder()
        .setName(risen.name())
        .setReason(risen.reason().name())
        .setBefore(risen.before())
        .setAfter(risen.after())
        .setDelaySeconds(risen.delaySeconds())
        .setText(risen.text(event))
        .build();
  }
}
