package dev.tokenbroker.exchange;

/** Whether one caller is still there to be answered. */
public interface Presence {

  /** Of a caller who is not known to go. */
  Presence ALWAYS =
      new Presence() {
        @Override
        public boolean hasGone() {
          return false;
        }

        @Override
        public void whenOver(Runnable action) {}
      };

  /**
   * Whether it has gone away and takes no answer. May be asked on any thread; where the caller is
   * not at home, only those that {@link #whenOver} was asked of are known to have gone.
   */
  boolean hasGone();

  /**
   * Has something done where the caller is at home, once it has gone or has been answered; at once
   * where it has. Asked there, by callers who have to wait only.
   */
  void whenOver(Runnable action);
}
