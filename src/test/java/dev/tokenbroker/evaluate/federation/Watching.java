package dev.tokenbroker.evaluate.federation;

import static org.assertj.core.api.Assertions.assertThat;

/** Looks at the files of a federation when a test wants it. */
final class Watching {

  private Watching() {}

  /** Two looks: one that sees a change and one that finds it settled. */
  static void settle(Federations federations) {
    assertThat(federations.slot().check()).isTrue();
    assertThat(federations.slot().check()).isFalse();
  }
}
