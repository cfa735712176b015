package dev.tokenbroker.base.change;

/** Receives changes as they are noticed. Must be safe for use by many threads. */
@FunctionalInterface
public interface ChangeListener {

  /** Ignores all changes, for commands that run without a broker. */
  ChangeListener NONE = _ -> {};

  /** Takes a change. Must return at once, and must not throw. */
  void changed(Change change);
}
