package dev.tokenbroker.exchange;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Where one caller is answered.
 *
 * @param executor runs what concerns this caller alone, in the caller's context and on the thread
 *     that {@code turn} belongs to: at once where that is the current thread, else soon
 * @param turn collects what ends on that thread
 * @param alarms keeps the time on that thread
 * @param presence whether the caller is still there
 */
public record Home(
    Executor executor, Turn turn, ScheduledExecutorService alarms, Presence presence) {}
