package dev.tokenbroker.token;

import dev.tokenbroker.outcome.Refusal;

/** What a {@link TokenCache} knows about a key. */
public sealed interface Lookup<V> {

  /**
   * A token that may be handed out.
   *
   * @param refreshDue whether the one who was told so is to fetch its successor in the background;
   *     nobody else is told
   */
  record Hit<V>(CachedToken<V> cached, boolean refreshDue) implements Lookup<V> {}

  /** The upstream has lately refused for good. */
  record Refused<V>(Refusal refusal, V origin) implements Lookup<V> {}

  /** Nothing. */
  record Miss<V>() implements Lookup<V> {

    private static final Miss<?> MISS = new Miss<>();
  }

  /** Nothing, without making an object for it. */
  @SuppressWarnings("unchecked") // It holds no V.
  static <V> Lookup<V> miss() {
    return (Lookup<V>) Miss.MISS;
  }
}
