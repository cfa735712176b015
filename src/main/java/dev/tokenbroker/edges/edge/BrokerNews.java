package dev.tokenbroker.edges.edge;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.operate.changes.Timeline;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;

/** Reports the start and the stop of the broker, and ends the streams of changes before its end. */
@Singleton
final class BrokerNews {

  private final ChangeListener changes;
  private final Timeline timeline;

  BrokerNews(ChangeListener changes, Timeline timeline) {
    this.changes = changes;
    this.timeline = timeline;
  }

  void started(@Observes Startup event) {
    changes.changed(of(ChangeKind.BROKER_STARTED));
  }

  void stopping(@Observes Stopping event) {
    changes.changed(of(ChangeKind.BROKER_STOPPING));
  }

  void drain(@Observes Draining event) {
    timeline.endWatches();
  }

  void stop(@Observes Shutdown event) {
    timeline.endWatches();
  }

  private static Change of(ChangeKind kind) {
    return new Change(kind, SubjectKind.BROKER, "", "", "");
  }
}
