package dev.tokenbroker.exchange;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;

/**
 * Where one caller is answered.
 *
 * @param executor runs what concerns this caller alone, in the caller's context and on the thread
 *     that {@code turn} belongs to: at once where that is the current thread, else soon
 * @param turn collects what ends on that thread
 * @param alarms keeps the time on that thread
 * @param gone whether the caller has gone away and takes no answer; may be asked on any thread
 */
public record Home(
    Executor executor, Turn turn, ScheduledExecutorService alarms, BooleanSupplier gone) {}
