package dev.tokenbroker.evaluate.exchange;

/**
 * How shared evaluations stand at one moment.
 *
 * @param underWay those under way
 * @param begun those begun since the start
 * @param joined the callers who have joined another caller's evaluation since the start
 */
public record FlightsStatus(int underWay, long begun, long joined) {}
