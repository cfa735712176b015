package dev.tokenbroker.edges.console;

import dev.tokenbroker.edges.telemetry.BrokerMeter;
import dev.tokenbroker.edges.telemetry.ExchangeMeters;
import dev.tokenbroker.edges.telemetry.MeterLabels;
import dev.tokenbroker.evaluate.exchange.Intent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the meters of evaluations have counted since the start. The console reads meters as a
 * dashboard does, so an exchange is counted once.
 *
 * @param accepted evaluations that were accepted, without refreshes
 * @param refused evaluations that were refused, without refreshes
 * @param steps the steps that were taken, by label
 * @param reasons the refusals without those of refreshes, by {@link #reason} and peer
 */
record ExchangeTotals(
    Timed accepted, Timed refused, Map<String, Timed> steps, Map<String, Long> reasons) {

  private static final String ACCEPTED = "accepted";

  /** Before the name of an upstream in a key; no name has a space. */
  private static final String UPSTREAM = "upstream ";

  /** A number of things, and the time that they took together. */
  record Timed(long count, double nanos) {

    static final Timed NONE = new Timed(0, 0);

    static Timed of(Timer timer) {
      return new Timed(timer.count(), timer.totalTime(TimeUnit.NANOSECONDS));
    }

    Timed plus(Timed other) {
      return new Timed(count + other.count, nanos + other.nanos);
    }

    Timed minus(@Nullable Timed before) {
      return before == null ? this : new Timed(count - before.count, nanos - before.nanos);
    }

    /** The mean in microseconds, to a tenth; 0 for none. */
    double meanMicros() {
      return count == 0 ? 0 : Math.round(nanos / count / 100) / 10.0;
    }
  }

  static ExchangeTotals read(MeterRegistry registry) {
    Timed accepted = Timed.NONE;
    Timed refused = Timed.NONE;
    for (Timer timer : registry.find(BrokerMeter.EXCHANGE.id()).timers()) {
      if (isRefresh(timer)) {
        continue;
      }
      if (ACCEPTED.equals(timer.getId().getTag(MeterLabels.OUTCOME))) {
        accepted = accepted.plus(Timed.of(timer));
      } else {
        refused = refused.plus(Timed.of(timer));
      }
    }
    return new ExchangeTotals(accepted, refused, steps(registry), reasons(registry));
  }

  private static Map<String, Timed> steps(MeterRegistry registry) {
    Map<String, Timed> steps = new HashMap<>();
    for (Timer timer : registry.find(BrokerMeter.EXCHANGE_STEP.id()).timers()) {
      steps.merge(tag(timer, MeterLabels.STEP), Timed.of(timer), Timed::plus);
    }
    return steps;
  }

  // Keyed by text: the hash code of a record is slow in a native executable.
  private static Map<String, Long> reasons(MeterRegistry registry) {
    Map<String, Long> reasons = new HashMap<>();
    for (Counter counter : registry.find(BrokerMeter.REFUSALS.id()).counters()) {
      if (!isRefresh(counter)) {
        reasons.merge(key(counter), (long) counter.count(), Long::sum);
      }
    }
    return reasons;
  }

  // Refusals of an upstream are its own, whatever issuer the credential is of.
  private static String key(Counter counter) {
    String reason = tag(counter, MeterLabels.REASON);
    String upstream = tag(counter, MeterLabels.UPSTREAM);
    return reason.startsWith("UPSTREAM_") && !upstream.equals(ExchangeMeters.NONE)
        ? reason + ' ' + UPSTREAM + upstream
        : reason + ' ' + tag(counter, MeterLabels.ISSUER);
  }

  private static boolean isRefresh(Meter meter) {
    return Intent.REFRESH.label().equals(meter.getId().getTag(MeterLabels.INTENT));
  }

  private static String tag(Meter meter, String name) {
    return Objects.requireNonNull(meter.getId().getTag(name));
  }

  /** The name of the reason in a key of {@link #reasons}. */
  static String reason(String key) {
    return key.substring(0, key.indexOf(' '));
  }

  /** The name of the issuer in a key without upstream; "none" if none was found. */
  static String issuer(String key) {
    return key.substring(key.indexOf(' ') + 1);
  }

  /** The name of the upstream in a key of {@link #reasons}; empty for a reason of an issuer. */
  static String upstream(String key) {
    String peer = issuer(key);
    return peer.startsWith(UPSTREAM) ? peer.substring(UPSTREAM.length()) : "";
  }
}
