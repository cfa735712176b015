package dev.tokenbroker.door;

import jakarta.inject.Provider;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is made at the first call, when the settings have been checked: the servers below make what
 * serves them before that. Asked for at each call, so it is kept; having it looked up among the
 * beans costs more. Safe for use by several event loops.
 */
public final class AtFirstCall<T> implements Supplier<T> {

  private final Provider<T> provider;
  private volatile @Nullable T made;

  /**
   * @param provider gives the same one each time
   */
  public AtFirstCall(Provider<T> provider) {
    this.provider = provider;
  }

  @Override
  public T get() {
    T known = made;
    if (known == null) {
      known = provider.get();
      made = known;
    }
    return known;
  }
}
