package dev.tokenbroker.exchange;

import java.util.concurrent.atomic.AtomicBoolean;

/** A caller who goes away when looked for with its token made, which that look does not see yet. */
final class LeavingOnceMinted implements Presence {

  private final AtomicBoolean minted;
  private volatile Runnable leave = () -> {};

  /**
   * @param minted whether the token is made; no longer, once that was seen
   */
  LeavingOnceMinted(AtomicBoolean minted) {
    this.minted = minted;
  }

  @Override
  public boolean hasGone() {
    if (minted.compareAndSet(true, false)) {
      leave.run();
    }
    return false;
  }

  @Override
  public void whenOver(Runnable action) {
    leave = action;
  }
}
