package dev.tokenbroker.runtime;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.InstantSource;

/** The one place where the time of day comes from. */
final class SystemClock {

  @Produces
  @Singleton
  InstantSource clock() {
    return Clock.systemUTC();
  }
}
