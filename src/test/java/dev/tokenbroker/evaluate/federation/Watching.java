package dev.tokenbroker.evaluate.federation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/** Looks at the files of a federation when a test wants it. */
final class Watching {

  private Watching() {}

  /** Two looks: one that sees a change and one that finds it settled. */
  static void settle(Federations federations) {
    DocumentWatcher watcher = watcher(federations);
    assertThat(watcher.check()).isTrue();
    assertThat(watcher.check()).isFalse();
  }

  static DocumentWatcher watcher(Federations federations) {
    return new DocumentWatcher(federations.watched(), Duration.ofSeconds(2));
  }
}
