package dev.tokenbroker.bench;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One kind of call to one server, measured in windows that take turns with those of others.
 *
 * <p>A window's figure is the processor time that the server's process used between its first and
 * its last call, by the number of calls: all threads, so compilation and collection too.
 */
final class Rival implements AutoCloseable {

  private final String name;
  private final ServerProcess server;
  private final Edge edge;
  private final int calls;
  private final int warmUp;
  private final @Nullable URI metrics;
  private final List<Window> windows = new ArrayList<>();
  private int next;

  /**
   * @param calls how many a window has
   * @param warmUp how many are made before
   * @param metrics where it says how long its steps took, if it does
   */
  Rival(
      String name, ServerProcess server, Edge edge, int calls, int warmUp, @Nullable URI metrics) {
    this.name = name;
    this.server = server;
    this.edge = edge;
    this.calls = calls;
    this.warmUp = warmUp;
    this.metrics = metrics;
  }

  /**
   * One window.
   *
   * @param cpuMicros processor time of the server for one call
   * @param verifyMicros how long it says that it took to verify a signature; NaN where it does not
   * @param mintMicros the same of minting, which is signing for the most part
   */
  record Window(double cpuMicros, Calls.Result calls, double verifyMicros, double mintMicros) {

    long failed() {
      return calls.calls() - calls.endings().getOrDefault(Edge.OK, 0L);
    }
  }

  String name() {
    return name;
  }

  List<Window> windows() {
    return windows;
  }

  /** Makes calls that are not counted: whole windows, until there are at least so many calls. */
  void warmUp(int callers) {
    for (int made = 0; made < warmUp; made += calls) {
      make(callers);
    }
  }

  /** Measures one window. */
  Window measure(int callers) {
    Window window = make(callers);
    windows.add(window);
    return window;
  }

  /** The median of its windows, in microseconds a call. */
  double cpuMicros() {
    return Spread.of(windows.stream().mapToDouble(Window::cpuMicros)).median();
  }

  private Window make(int callers) {
    StepTimes timesBefore = metrics == null ? null : StepTimes.read(metrics);
    Duration before = server.cpu();
    Calls.Result result = Calls.make(edge, next, callers, calls);
    Duration used = server.cpu().minus(before);
    next += calls;
    double cpuMicros = used.toNanos() / 1e3 / calls;
    if (metrics == null || timesBefore == null) {
      return new Window(cpuMicros, result, Double.NaN, Double.NaN);
    }
    StepTimes times = StepTimes.read(metrics);
    return new Window(
        cpuMicros,
        result,
        times.meanMicrosSince(timesBefore, "signature"),
        times.meanMicrosSince(timesBefore, "mint"));
  }

  @Override
  public void close() {
    edge.close();
  }
}
