package dev.tokenbroker.exchange;

import org.jspecify.annotations.Nullable;

/** Whether a caller of tests is still there, who goes away when it is told to. */
final class TestPresence implements Presence {

  private volatile @Nullable Runnable whenOver;
  private volatile boolean gone;

  @Override
  public boolean hasGone() {
    return gone;
  }

  @Override
  public void whenOver(Runnable action) {
    whenOver = action;
  }

  /** Goes away, which is seen at once. */
  void goAway() {
    gone = true;
    Runnable told = whenOver;
    if (told != null) {
      told.run();
    }
  }
}
