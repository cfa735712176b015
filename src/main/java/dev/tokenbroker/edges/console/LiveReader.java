package dev.tokenbroker.edges.console;

import dev.tokenbroker.edges.console.LiveLines.LiveNews;
import dev.tokenbroker.edges.http.operator.LineOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The place of one stream in the shared lines. A stream that is too slow skips lines, and is told
 * how many. For one thread.
 */
final class LiveReader implements AutoCloseable {

  private final LiveLines lines;
  private final Runnable leave;
  private long place;
  private long missed;
  private @Nullable LiveLine state;

  /**
   * @param leave runs once the stream has ended
   */
  LiveReader(LiveLines lines, Runnable leave) {
    this.lines = lines;
    this.leave = leave;
    LiveNews seen = lines.seen();
    this.place = seen.next();
    this.state = seen.state();
  }

  /** Writes what is new, without waiting for more. */
  void writeNews(LineOutput output) throws IOException {
    LiveNews news = lines.from(place);
    place = news.next();
    missed += news.missed();
    for (LiveLine line : news.lines()) {
      output.write(line.json(missed));
      missed = line.counts() ? 0 : missed;
    }
    LiveLine now = news.state();
    if (now != null && now != state) {
      output.write(now.json(missed));
      state = now;
    }
  }

  @Override
  public void close() {
    leave.run();
  }
}
