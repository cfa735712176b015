package dev.tokenbroker.edges.console;

import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.edges.edge.BrokerBuild;
import dev.tokenbroker.edges.http.operator.LineOutput;
import dev.tokenbroker.edges.http.operator.OperatorStreams;
import dev.tokenbroker.operate.changes.ChangeEvent;
import dev.tokenbroker.operate.changes.ChangeLine;
import dev.tokenbroker.operate.changes.ChangeLog;
import dev.tokenbroker.operate.changes.ChangeWatch;
import dev.tokenbroker.operate.changes.ChangeWatch.WatchedChange;
import io.quarkus.runtime.LaunchMode;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the lines of one stream: {@code hello}, the changes so far, the state, and then whatever
 * is new, until the watch ends.
 */
@Singleton
final class LiveStream implements OperatorStreams.StreamLines {

  /** There is a line each second, so this only bounds the wait of a stream past its end. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** The address of the faults that the development issuer can have. */
  private static final String FAULTS = "/dev-issuer/faults";

  private final LiveFeed feed;
  private final InstantSource clock;

  LiveStream(LiveFeed feed, InstantSource clock) {
    this.feed = feed;
    this.clock = clock;
  }

  @Override
  public void write(List<ChangeEvent> before, ChangeWatch watch, LineOutput output)
      throws IOException, InterruptedException {
    output.write(hello());
    for (ChangeEvent event : before) {
      output.write(change(event, 0));
    }
    output.flush();
    try (LiveReader reader = feed.open(watch)) {
      while (!watch.isClosed()) {
        reader.writeNews(output);
        output.flush();
        if (watch.next(PATIENCE)
            instanceof WatchedChange.NextChange(ChangeEvent event, long missed)) {
          output.write(change(event, missed));
        }
      }
    }
  }

  private byte[] hello() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("event", "hello");
    members.put("time", clock.instant().toString());
    members.put("broker", BrokerBuild.VERSION);
    members.put("sampled_per_second", SampleShare.MOST);
    members.put("streams", ChangeLog.MAX_WATCHES);
    members.put("max_seconds", ChangeWatch.LIFETIME.toSeconds());
    if (LaunchMode.current().isDevOrTest()) { // the development issuer is in no other build
      members.put("faults", FAULTS);
    }
    return JsonBytes.of(members);
  }

  private static byte[] change(ChangeEvent event, long missed) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("event", "change");
    members.putAll(ChangeLine.members(event, missed));
    members.put("warning", event.change().kind().isWarning());
    return JsonBytes.of(members);
  }
}
