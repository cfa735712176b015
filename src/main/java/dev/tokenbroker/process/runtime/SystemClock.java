package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.time.Clocks;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Supplies the clocks of the broker. */
final class SystemClock {

  @Produces
  @Singleton
  Clocks clock() {
    return Clocks.system();
  }
}
