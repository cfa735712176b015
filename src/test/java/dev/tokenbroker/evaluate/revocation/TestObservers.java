package dev.tokenbroker.evaluate.revocation;

import java.util.List;

/** Observers for tests of other packages. */
public final class TestObservers {

  private TestObservers() {}

  public static LifecycleObservers of(LifecycleObserver observer) {
    return new LifecycleObservers(List.of(observer));
  }
}
