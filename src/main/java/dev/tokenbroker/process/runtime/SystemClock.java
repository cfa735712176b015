package dev.tokenbroker.process.runtime;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.InstantSource;

/** Supplies the wall clock of the broker. */
final class SystemClock {

  @Produces
  @Singleton
  InstantSource clock() {
    return Clock.systemUTC();
  }
}
